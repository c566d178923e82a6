using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Ranking;

/// <summary>
/// Prefers the host that keeps the largest part of its CPU and memory free, the workload counted in: the mean of
/// <c>100 × free ÷ allocatable</c>, in whole points as Kubernetes' NodeResourcesFit counts them. A resource of which the
/// host has none is left out. Containers that request nothing count with an assumed amount.
/// </summary>
internal sealed class LeastAllocated : RankingRule
{
    public override string Name => nameof(LeastAllocated);

    public override int Weight => 8;

    public override int Score(HostBlock block, int slot, CompiledWorkload workload)
    {
        var (cpu, memory) = AssumedUse.Of(block, slot, workload);
        return AssumedUse.Mean(Free(cpu), Free(memory));
    }

    private static int? Free(AssumedUse use) => use.Allocatable <= 0 ? null : use.Percent(use.Allocatable - use.Taken);
}
