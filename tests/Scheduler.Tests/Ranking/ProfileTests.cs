using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Ranking;

public sealed class ProfileTests
{
    private static readonly PlanSettings Settings = new(
        [new SchedulerProfile("packing", new Dictionary<string, int> { ["MostAllocated"] = 10, ["LeastAllocated"] = 0, ["BalancedAllocation"] = 0 })]);

    [Theory]
    [InlineData("default-scheduler", "idle")]
    [InlineData("packing", "busy")]
    [InlineData("unheard-of", "idle")]      // no profile: the rules' own weights
    public void A_workload_is_ranked_by_the_profile_of_its_scheduler(string scheduler, string host)
    {
        var snapshot = ClusterSnapshot.Of([Host("busy") with { Used = Amounts(2000, 8 * Gibi, 0, 3) }, Host("idle")]);
        var plan = Planner.Plan(snapshot, [Workload() with { SchedulerName = scheduler, Requests = Amounts(100, Mebi, 0, 1) }], Settings);
        Assert.Equal(host, plan.Placements.Single().Host.Value);
    }

    [Fact]
    public void A_rule_without_weight_is_left_out()
    {
        var ranked = Planner.Explain(ClusterSnapshot.Of([Host("a")]), Workload() with { SchedulerName = "packing" }, Settings).Feasible.Single();
        Assert.Contains("MostAllocated", ranked.Scores.Select(score => score.Rule));
        Assert.DoesNotContain("LeastAllocated", ranked.Scores.Select(score => score.Rule));
        Assert.Equal(ranked.Score, ranked.Scores.Sum(score => score.Score * score.Weight));
    }

    [Fact]
    public void Every_rule_has_a_weight_that_can_be_named() => Assert.Equal(
        ["BalancedAllocation", "ImageLocality", "LeastAllocated", "MostAllocated", "PreferredNodeAffinity", "PreferredPodAffinity", "PreferredSpread", "PreferredTaints", "RingPressure"],
        SchedulerProfile.DefaultWeights.Keys.Order());
}
