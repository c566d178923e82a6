namespace Orchestrator.Scheduler.Ranking;

/// <summary>Every ranking rule there is.</summary>
internal static class RankingRules
{
    public static readonly RankingRule[] OfHosts =
    [
        new LeastAllocated(), new MostAllocated(), new BalancedAllocation(), new PreferredNodeAffinity(), new PreferredTaints(), new ImageLocality(), new RingPressure(),
    ];

    /// <summary>Made anew for each plan: they keep what they have counted.</summary>
    public static PlaceRankingRule[] OfPlaces() => [new PreferredPodAffinity(), new PreferredSpread()];

    public static IEnumerable<(string Name, int Weight)> Defaults =>
        OfHosts.Select(rule => (rule.Name, rule.Weight)).Concat(OfPlaces().Select(rule => (rule.Name, rule.Weight)));
}
