using Orchestrator.Benchmarks.Reporting;

namespace Orchestrator.Benchmarks.Scheduler;

/// <summary>What a host and a pod keep in memory in a snapshot of 5,000 hosts with six pods each.</summary>
internal static class SnapshotMemory
{
    private const int HostCount = 5_000;
    private const int PodCount = 30_000;

    public static IEnumerable<Figure> Measure()
    {
        var before = Settled();
        var cluster = new PlannedCluster(HostCount, 3);
        var hosts = Settled();
        cluster.Run(Enumerable.Range(0, PodCount).Select(at => Pods.Replica(at, 1_000)).ToList());
        var pods = Settled();
        yield return new Figure("memory a host", (hosts - before) / (double)HostCount, "bytes") { Goal = 2048 };
        yield return new Figure("memory a pod", (pods - hosts) / (double)PodCount, "bytes") { Goal = 1024 };
        GC.KeepAlive(cluster);
    }

    private static long Settled() => GC.GetTotalMemory(forceFullCollection: true);
}
