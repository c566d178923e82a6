using System.Globalization;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Scheduler;

/// <summary>
/// How often a host gives out its CPUs and its memory to machines, in hundredths: 1000 means that ten virtual CPUs share a CPU.
/// A host (or a group of hosts, labelled alike) says its ratios by two labels.
/// </summary>
public readonly record struct Overcommit(int CpuPercent, int MemoryPercent)
{
    public const string CpuLabel = "scheduling.orchestrator.dev/vm-cpu-ratio";
    public const string MemoryLabel = "scheduling.orchestrator.dev/vm-memory-ratio";

    private const int Least = 10;
    private const int Most = 100_00;

    /// <summary>Machines are seldom busy all at once, so ten of their CPUs share one, as KubeVirt does; memory is not shared.</summary>
    public static readonly Overcommit Default = new(1000, 100);

    /// <summary>A label that is no number between 0.1 and 100 counts as none.</summary>
    public static Overcommit Of(Node node) => new(
        Percent(node.Metadata.Labels.GetValueOrDefault(CpuLabel, ""), Default.CpuPercent),
        Percent(node.Metadata.Labels.GetValueOrDefault(MemoryLabel, ""), Default.MemoryPercent));

    /// <summary>What so much given out takes of the host, rounded up.</summary>
    internal static long Taken(long givenOut, int percent)
    {
        if (givenOut <= 0) return 0;
        var taken = ((Int128)givenOut * 100 + percent - 1) / percent;
        return taken > long.MaxValue ? long.MaxValue : (long)taken;
    }

    private static int Percent(string ratio, int absent) =>
        decimal.TryParse(ratio, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * 100 is >= Least and <= Most and var percent
            ? (int)percent
            : absent;
}
