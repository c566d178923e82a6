using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Ranking;

/// <summary>
/// Prefers the places where most of what it likes is and least of what it dislikes, by weight, and where others like it: from 0 for the
/// feasible host with the lowest sum to 100 for the one with the highest, as Kubernetes' InterPodAffinity.
/// </summary>
internal sealed class PreferredPodAffinity : PlaceRankingRule
{
    private long[] _sums = [];

    public override string Name => nameof(PreferredPodAffinity);

    public override int Weight => 16;

    public override bool Matters(Neighborhood neighborhood) => neighborhood.Preferred.Length > 0;

    public override void Score(Neighborhood neighborhood, FeasibleGroups feasible, Span<int> scores)
    {
        if (scores.Length == 0) return;
        if (_sums.Length < scores.Length) _sums = new long[scores.Length];
        var sums = _sums.AsSpan(0, scores.Length);
        sums.Clear();
        foreach (var counts in neighborhood.Preferred) Add(counts, feasible.Groups, sums);

        var (least, most) = (long.MaxValue, long.MinValue);
        foreach (var sum in sums) (least, most) = (Math.Min(least, sum), Math.Max(most, sum));
        if (least == most) scores.Clear();
        else for (var at = 0; at < scores.Length; at++) scores[at] = (int)(MaximumScore * (sums[at] - least) / (most - least));
    }

    private static void Add(DomainCounts domain, ReadOnlySpan<int> groups, Span<long> sums)
    {
        var domains = domain.DomainOfGroup;
        var counts = domain.Counts;
        for (var at = 0; at < sums.Length; at++)
            if (domains[groups[at]] is >= 0 and var place) sums[at] += counts[place];
    }
}
