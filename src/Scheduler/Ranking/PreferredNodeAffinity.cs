using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Ranking;

/// <summary>
/// Prefers hosts that match the terms of the workload's preferred node affinity, by their weights: 100 for a host that matches all.
/// Kubernetes scales by the best host of the cluster instead; here a score stands for itself.
/// </summary>
internal sealed class PreferredNodeAffinity : RankingRule
{
    public override string Name => nameof(PreferredNodeAffinity);

    public override int Weight => 16;

    public override int Score(HostBlock block, int slot, CompiledWorkload workload)
    {
        if (workload.PreferredHosts.Length == 0) return 0;
        var (matched, all) = (0, 0);
        foreach (var (weight, term) in workload.PreferredHosts)
        {
            all += weight;
            if (term.Matching(block, 1UL << slot) != 0) matched += weight;
        }

        return all == 0 ? 0 : MaximumScore * matched / all;
    }
}
