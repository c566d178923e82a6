using System.Numerics;

namespace Orchestrator.Scheduler.Tests.Properties;

/// <summary>The reference's scores of one host.</summary>
internal static class ReferenceScores
{
    public static int LeastAllocated(HostView host, WorkloadView workload)
    {
        var scores = new List<int>();
        if (host.Allocatable.MilliCpu > 0) scores.Add(FreePercent(host.Allocatable.MilliCpu, Cpu(host, workload, assumed: true)));
        if (host.Allocatable.MemoryBytes > 0) scores.Add(FreePercent(host.Allocatable.MemoryBytes, Memory(host, workload, assumed: true)));
        return scores.Count == 0 ? 0 : scores.Sum() / scores.Count;
    }

    public static int BalancedAllocation(HostView host, WorkloadView workload)
    {
        if (host.Allocatable.MilliCpu <= 0 || host.Allocatable.MemoryBytes <= 0) return 100;
        var cpu = Math.Min(1, (double)Cpu(host, workload, assumed: false) / host.Allocatable.MilliCpu);
        var memory = Math.Min(1, (double)Memory(host, workload, assumed: false) / host.Allocatable.MemoryBytes);
        return (int)((1 - Math.Abs(cpu - memory) / 2) * 100);
    }

    public static int PreferredNodeAffinity(HostView host, WorkloadView workload)
    {
        if (workload.PreferredHosts.Count == 0) return 0;
        var matched = workload.PreferredHosts.Where(one => ReferenceRules.Matches(host, one.Term)).Sum(one => one.Weight);
        return 100 * matched / workload.PreferredHosts.Sum(one => one.Weight);
    }

    public static int PreferredTaints(HostView host, WorkloadView workload) => 100 / (1 + host.Taints.Distinct()
        .Count(taint => taint.Effect == TaintEffect.PreferNoSchedule && !ReferenceRules.Tolerates(workload, taint)));

    public static int ImageLocality(IReadOnlyList<HostView> hosts, HostView host, WorkloadView workload)
    {
        if (workload.Images.Count == 0) return 0;
        var bytes = 0L;
        foreach (var image in host.Images)
        {
            if (!workload.Images.Contains(image.Name)) continue;
            bytes += image.SizeBytes * hosts.Count(one => one.Images.Any(other => other.Name == image.Name)) / hosts.Count;
        }

        const long Mebi = 1024 * 1024;
        var most = 1000 * Mebi * workload.Images.Count;
        bytes = Math.Max(23 * Mebi, Math.Min(most, bytes));
        return hosts.Any(one => one.Images.Any(image => workload.Images.Contains(image.Name))) ? (int)(100 * (bytes - 23 * Mebi) / (most - 23 * Mebi)) : 0;
    }

    public static int RingPressure(HostView host) => 100 - host.RingPressurePercent;

    private static BigInteger Cpu(HostView host, WorkloadView workload, bool assumed)
    {
        var (used, needs) = (host.Used, workload.Requests);
        BigInteger taken = used.MilliCpu;
        taken += needs.MilliCpu + ReferenceRules.Shared((BigInteger)used.VirtualMilliCpu + needs.VirtualMilliCpu, host.Overcommit.CpuPercent);
        return assumed ? taken + used.AssumedMilliCpu + needs.AssumedMilliCpu : taken;
    }

    private static BigInteger Memory(HostView host, WorkloadView workload, bool assumed)
    {
        var (used, needs) = (host.Used, workload.Requests);
        BigInteger taken = used.MemoryBytes;
        taken += needs.MemoryBytes + ReferenceRules.Shared((BigInteger)used.MachineMemoryBytes + needs.MachineMemoryBytes, host.Overcommit.MemoryPercent);
        return assumed ? taken + used.AssumedMemoryBytes + needs.AssumedMemoryBytes : taken;
    }

    private static int FreePercent(BigInteger has, BigInteger taken) => taken >= has ? 0 : (int)((has - taken) * 100 / has);
}
