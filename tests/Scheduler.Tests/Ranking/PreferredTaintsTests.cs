using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Ranking;

public sealed class PreferredTaintsTests
{
    [Theory]
    [InlineData("", "", 100)]
    [InlineData("a=1:PreferNoSchedule", "", 50)]
    [InlineData("a=1:PreferNoSchedule b:PreferNoSchedule", "", 33)]
    [InlineData("a=1:PreferNoSchedule", "a=1", 100)]
    [InlineData("a=1:PreferNoSchedule b:PreferNoSchedule", "b:PreferNoSchedule", 50)]
    [InlineData("a=1:PreferNoSchedule", "a=1:NoSchedule", 50)]
    public void Each_discouraging_taint_lowers_the_score(string taints, string tolerations, int expected)
    {
        var host = Host("a") with { Taints = Words(taints).Select(Taint).ToValueList() };
        var workload = Workload() with { Tolerations = Words(tolerations).Select(Toleration).ToValueList() };
        var ranked = Assert.Single(Planner.Explain(ClusterSnapshot.Of([host]), workload).Feasible);
        Assert.Equal(expected, ranked.Scores.Single(score => score.Rule == "PreferredTaints").Score);
        Assert.Equal(ranked.Score, ranked.Scores.Sum(score => score.Score * score.Weight));
    }

    [Fact]
    public void A_discouraged_host_is_used_when_the_other_is_full()
    {
        var discouraged = Host("a") with { Taints = [Taint("spot:PreferNoSchedule")] };
        var other = Host("b") with { Allocatable = Amounts(4000, 16 * Gibi, 0, 2) };
        var pending = Enumerable.Range(0, 3).Select(i => Workload($"web-{i}") with { Sequence = i }).ToList();
        var plan = Planner.Plan(ClusterSnapshot.Of([discouraged, other]), pending);
        Assert.Equal(["b", "b", "a"], plan.Placements.Select(placement => placement.Host.Value));
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
