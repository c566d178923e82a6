using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Ranking;

/// <summary>
/// Prefers the host that is fullest with the workload counted in, so that others stay empty for large workloads or can be switched off:
/// the mean of <c>100 × taken ÷ allocatable</c> over CPU and memory. A profile that packs gives it a weight, and none to its opposite.
/// </summary>
internal sealed class MostAllocated : RankingRule
{
    public override string Name => nameof(MostAllocated);

    public override int Weight => 0;

    public override int Score(HostBlock block, int slot, CompiledWorkload workload)
    {
        var (cpu, memory) = AssumedUse.Of(block, slot, workload);
        return AssumedUse.Mean(Taken(cpu), Taken(memory));
    }

    private static int? Taken(AssumedUse use) => use.Allocatable <= 0 ? null : use.Percent(use.Taken);
}
