using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Ranking;

/// <summary>
/// One reason to prefer a host to another. A host's score never depends on other hosts, so it can be kept until the host changes.
/// </summary>
internal abstract class RankingRule
{
    public const int MaximumScore = 100;

    public abstract string Name { get; }

    /// <summary>How much the rule counts beside the others, unless a profile says otherwise; 0: not at all.</summary>
    public abstract int Weight { get; }

    /// <summary>From 0 to <see cref="MaximumScore"/>, for a host that is feasible.</summary>
    public abstract int Score(HostBlock block, int slot, CompiledWorkload workload);
}
