using Orchestrator.Scheduler;
using Orchestrator.Simulation.Load;
using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Quality;

/// <summary>
/// How good the placement is at one moment, in percent but for <paramref name="SpreadError"/> and <paramref name="Waiting"/>.
/// <paramref name="Fragmentation"/>: the part of the free CPUs on hosts that cannot take a workload of two CPUs and 4 GiB.
/// <paramref name="SpreadError"/>: by how many workloads more than need be the fullest zone of an owner is ahead of the emptiest, on average.
/// </summary>
internal sealed record Sample(long At, double CpuPercent, double MemoryPercent, double Fragmentation, double SpreadError, int Waiting, int Placed)
{
    private const long ReferenceMilliCpu = 2_000;
    private const long ReferenceBytes = 4L << 30;

    public static Sample Of(Cluster cluster, long now)
    {
        var (cpus, usedCpus, bytes, usedBytes, freeCpus, strandedCpus) = (0L, 0L, 0L, 0L, 0L, 0L);
        var zones = new HashSet<string>();
        var owners = new Dictionary<string, Dictionary<string, int>>();
        foreach (var host in cluster.Snapshot.Hosts)
        {
            var zone = host.Labels.FirstOrDefault(label => label.Key == HostShapes.Zone).Value ?? "";
            zones.Add(zone);
            foreach (var resident in host.Residents.Where(one => one.Traits.Owner.Length > 0))
            {
                if (!owners.TryGetValue(resident.Traits.Owner, out var counts)) owners.Add(resident.Traits.Owner, counts = []);
                counts[zone] = counts.GetValueOrDefault(zone) + 1;
            }

            var (cpu, memory) = Taken(host);
            (cpus, usedCpus) = (cpus + host.Allocatable.MilliCpu, usedCpus + cpu);
            (bytes, usedBytes) = (bytes + (host.Allocatable.MemoryBytes >> 20), usedBytes + (memory >> 20));
            var (free, freeMemory) = (host.Allocatable.MilliCpu - cpu, host.Allocatable.MemoryBytes - memory);
            freeCpus += free;
            if (free < ReferenceMilliCpu || freeMemory < ReferenceBytes) strandedCpus += free;
        }

        var spread = owners.Values.Where(counts => counts.Values.Sum() > 1).Select(counts => Excess(counts, zones.Count)).DefaultIfEmpty().Average();
        return new Sample(now, Percent(usedCpus, cpus), Percent(usedBytes, bytes), Percent(strandedCpus, freeCpus), spread, cluster.Pending.Count, cluster.Bound.Count);
    }

    private static (long MilliCpu, long Bytes) Taken(HostView host) => (
        host.Used.MilliCpu + host.Used.VirtualMilliCpu * 100 / host.Overcommit.CpuPercent,
        host.Used.MemoryBytes + host.Used.MachineMemoryBytes * 100 / host.Overcommit.MemoryPercent);

    /// <summary>What cannot be divided evenly may be one apart.</summary>
    private static double Excess(Dictionary<string, int> counts, int zones)
    {
        var least = counts.Count < zones ? 0 : counts.Values.Min();
        var unavoidable = counts.Values.Sum() % zones == 0 ? 0 : 1;
        return counts.Values.Max() - least - unavoidable;
    }

    private static double Percent(long part, long whole) => whole == 0 ? 0 : 100.0 * part / whole;
}
