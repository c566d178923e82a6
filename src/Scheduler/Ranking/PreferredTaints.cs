using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Ranking;

/// <summary>
/// Prefers hosts without PreferNoSchedule taints that the workload does not tolerate: 100 for none, then a half, a third
/// and so on. Kubernetes scales by the worst host of the cluster instead; here a score stands for itself.
/// </summary>
internal sealed class PreferredTaints : RankingRule
{
    public override string Name => nameof(PreferredTaints);

    /// <summary>As Kubernetes weighs it against the resources' 1: a discouraged host is used when the others are nearly full.</summary>
    public override int Weight => 24;

    public override int Score(HostBlock block, int slot, CompiledWorkload workload)
    {
        var discouraging = 0;
        if (workload.AnyDiscouragingTaint)
            foreach (var taint in block.TaintIds(slot))
                if (workload.DiscouragingTaints[taint]) discouraging++;
        return MaximumScore / (1 + discouraging);
    }
}
