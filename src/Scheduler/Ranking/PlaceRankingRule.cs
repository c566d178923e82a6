using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Ranking;

/// <summary>
/// A reason to prefer a place to another, by what is there and elsewhere. Such a score is relative to the other hosts that are
/// feasible, as in Kubernetes, so all groups of hosts are scored together, anew for every decision.
/// </summary>
internal abstract class PlaceRankingRule
{
    public const int MaximumScore = RankingRule.MaximumScore;

    public abstract string Name { get; }

    public abstract int Weight { get; }

    /// <summary>False if all hosts are equal for it.</summary>
    public abstract bool Matters(Neighborhood neighborhood);

    /// <summary>Scores each feasible group from 0 to <see cref="MaximumScore"/>, in the order of <see cref="FeasibleGroups.Groups"/>.</summary>
    public abstract void Score(Neighborhood neighborhood, FeasibleGroups feasible, Span<int> scores);
}
