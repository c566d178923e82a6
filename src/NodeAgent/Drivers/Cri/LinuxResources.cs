using Orchestrator.NodeAgent.Assignments.Status;
using Orchestrator.NodeAgent.Cri.V1;
using Orchestrator.Objects.CoreV1;
using Container = Orchestrator.Objects.CoreV1.Container;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>Requests and limits as cgroup figures, by kubelet's rules.</summary>
internal static class LinuxResources
{
    private const long PeriodMicroseconds = 100_000;
    private const long SharesOfOneCore = 1024;
    private const long SmallestShares = 2;
    private const long LargestShares = 262_144;
    private const long MillicoresOfOneCore = 1000;
    private const long SmallestQuotaMicroseconds = 1000;
    private const int GuaranteedScore = -997;
    private const int BestEffortScore = 1000;

    public static LinuxContainerResources Of(PodSpec spec, Container container)
    {
        var cpuLimit = ResourceAmounts.Of(container.Resources?.Limits, "cpu").MilliCeiling();
        var cpuRequest = ResourceAmounts.Requested(container.Resources, "cpu").MilliCeiling();
        var resources = new LinuxContainerResources
        {
            CpuShares = Math.Clamp(Scale(cpuRequest, SharesOfOneCore), SmallestShares, LargestShares),
            MemoryLimitInBytes = ResourceAmounts.Of(container.Resources?.Limits, "memory").ToInt64Ceiling(),
            OomScoreAdj = OutOfMemoryScore(spec, container),
        };
        if (cpuLimit <= 0) return resources;
        resources.CpuPeriod = PeriodMicroseconds;
        resources.CpuQuota = Math.Max(Scale(cpuLimit, PeriodMicroseconds), SmallestQuotaMicroseconds);
        return resources;
    }

    /// <summary>The more of the host's memory a container asked for, the later it is killed when the host runs out.</summary>
    private static long OutOfMemoryScore(PodSpec spec, Container container)
    {
        var quality = QualityOfService.Of(spec);
        if (quality == QualityOfService.Guaranteed) return GuaranteedScore;
        if (quality == QualityOfService.BestEffort) return BestEffortScore;
        var requested = ResourceAmounts.Requested(container.Resources, "memory").ToInt64Ceiling();
        var share = (long)(1000 * (double)requested / Math.Max(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, 1));
        return Math.Clamp(1000 - share, 1000 + GuaranteedScore, 999);
    }

    private static long Scale(long millicores, long perCore) => (long)Int128.Min((Int128)millicores * perCore / MillicoresOfOneCore, long.MaxValue);
}
