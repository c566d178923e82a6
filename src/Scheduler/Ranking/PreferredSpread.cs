using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Ranking;

/// <summary>
/// Prefers the places with fewest of the selected workloads, as Kubernetes' PodTopologySpread: a topology of few places counts less for
/// each workload than one of many, since its counts are higher. 100 for the feasible host with the lowest sum; a host that lacks a
/// label scores 0.
/// </summary>
internal sealed class PreferredSpread : PlaceRankingRule
{
    private double[] _sums = [];
    private bool[] _lacking = [];
    private int[] _seen = [];
    private int _round;

    public override string Name => nameof(PreferredSpread);

    public override int Weight => 16;

    public override bool Matters(Neighborhood neighborhood) => neighborhood.PreferredSpread.Length > 0;

    public override void Score(Neighborhood neighborhood, FeasibleGroups feasible, Span<int> scores)
    {
        if (_sums.Length < scores.Length) (_sums, _lacking) = (new double[scores.Length], new bool[scores.Length]);
        var sums = _sums.AsSpan(0, scores.Length);
        var lacking = _lacking.AsSpan(0, scores.Length);
        sums.Clear();
        lacking.Clear();
        if (neighborhood.SpreadNeedsAllKeys)
            foreach (var spread in neighborhood.PreferredSpread) MarkLacking(spread.Counts, feasible.Groups, lacking);
        foreach (var spread in neighborhood.PreferredSpread)
            Add(spread, Math.Log(Places(spread, feasible, lacking) + 2), feasible.Groups, sums);
        Scale(sums, lacking, scores);
    }

    private static void MarkLacking(DomainCounts counts, ReadOnlySpan<int> groups, Span<bool> lacking)
    {
        var domains = counts.DomainOfGroup;
        for (var at = 0; at < lacking.Length; at++) lacking[at] |= domains[groups[at]] < 0;
    }

    private static void Add(SpreadCounts spread, double weight, ReadOnlySpan<int> groups, Span<double> sums)
    {
        var domains = spread.Counts.DomainOfGroup;
        var counts = spread.Counts.Counts;
        var allowed = spread.Constraint.MaximumSkew - 1;
        for (var at = 0; at < sums.Length; at++)
            if (domains[groups[at]] is >= 0 and var place) sums[at] += counts[place] * weight + allowed;
    }

    private static void Scale(Span<double> sums, ReadOnlySpan<bool> lacking, Span<int> scores)
    {
        var (least, most) = (long.MaxValue, 0L);
        for (var at = 0; at < sums.Length; at++)
        {
            sums[at] = Math.Floor(sums[at] + 0.5);
            if (!lacking[at]) (least, most) = (Math.Min(least, (long)sums[at]), Math.Max(most, (long)sums[at]));
        }

        for (var at = 0; at < sums.Length; at++)
            scores[at] = lacking[at] ? 0 : most == 0 ? MaximumScore : (int)(MaximumScore * (most + least - (long)sums[at]) / most);
    }

    /// <summary>The number of places that the feasible hosts make; each host is one by its name.</summary>
    private int Places(SpreadCounts spread, FeasibleGroups feasible, ReadOnlySpan<bool> lacking)
    {
        var groups = feasible.Groups;
        var hosts = feasible.Hosts;
        var places = 0;
        if (spread.Constraint.TopologyKey == HostTopology.HostNameKey)
        {
            for (var at = 0; at < groups.Length; at++) places += lacking[at] ? 0 : hosts[at];
            return places;
        }

        var domains = spread.Counts.DomainOfGroup;
        if (_seen.Length < spread.Counts.Counts.Length) (_seen, _round) = (new int[spread.Counts.Counts.Length], 0);
        _round++;
        for (var at = 0; at < groups.Length; at++)
        {
            if (lacking[at] || domains[groups[at]] is not (>= 0 and var place) || _seen[place] == _round) continue;
            _seen[place] = _round;
            places++;
        }

        return places;
    }
}
