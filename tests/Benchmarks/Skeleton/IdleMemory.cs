using System.Globalization;
using Orchestrator.Benchmarks.Reporting;

namespace Orchestrator.Benchmarks.Skeleton;

/// <summary>Resident memory of the processes of a cluster of one host that runs nothing, ten seconds after it came up.</summary>
internal static class IdleMemory
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    public static async IAsyncEnumerable<Figure> MeasureAsync(BenchCluster cluster)
    {
        await Task.Delay(Settling, TimeProvider.System);
        yield return new Figure("silo idle, resident memory", Resident(cluster.ProcessId("silo")), "MB") { Goal = 120 };
        yield return new Figure("agent idle, resident memory", Resident(cluster.ProcessId("host-1-agent")), "MB") { Goal = 80 };
        yield return new Figure("dom0 idle, resident memory", Resident(cluster.ProcessId("host-1-dom0")), "MB");
    }

    private static double Resident(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024 / 1_000_000;
    }
}
