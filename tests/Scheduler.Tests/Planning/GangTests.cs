using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Planning;

public sealed class GangTests
{
    [Theory]
    [InlineData(4, 4, 0, 4)]      // all fit
    [InlineData(5, 5, 0, 0)]      // four of five would fit: none is placed
    [InlineData(6, 4, 0, 4)]      // four are enough; the others wait
    [InlineData(2, 4, 0, 0)]      // there are not enough members yet
    [InlineData(2, 4, 2, 2)]      // two have a host already
    public void A_group_is_placed_whole_or_not_at_all(int members, int minimum, int placed, int expected)
    {
        var plan = Planner.Plan(ClusterSnapshot.Of([Host("a"), Host("b")]), Members(new Gang("training", minimum, placed), members));
        Assert.Equal(expected, plan.Placements.Count);
        Assert.Equal(members - expected, plan.Unplaced.Count);
    }

    [Fact]
    public void What_a_group_cannot_use_others_get()
    {
        var single = Sized("single") with { Sequence = 99 };
        var plan = Planner.Plan(ClusterSnapshot.Of([Host("a"), Host("b")]), [.. Members(new Gang("training", 5, 0), 5), single]);
        Assert.Equal("single", Assert.Single(plan.Placements).Workload.Key.Name);
    }

    [Fact]
    public void Reasons_speak_of_the_group()
    {
        var hosts = ClusterSnapshot.Of([Host("a"), Host("b")]);
        Assert.Equal(
            "4 of at least 5 members of PodGroup training can be placed; the next: "
            + "0/2 hosts are available: 2 insufficient cpu (needs 2, nearest a has 0 free).",
            Planner.Plan(hosts, Members(new Gang("training", 5, 0), 5)).Unplaced[0].Reason);
        Assert.Equal(
            "waits for its group: PodGroup training needs 5 members, there are 3.", Planner.Plan(hosts, Members(new Gang("training", 5, 1), 2)).Unplaced[0].Reason);
        Assert.Equal(
            "waits for PodGroup training, which does not exist.", Planner.Plan(hosts, Members(new Gang("training", null, 0), 2)).Unplaced[0].Reason);
    }

    [Fact]
    public void Groups_of_one_name_in_two_namespaces_are_two()
    {
        var gang = new Gang("training", 2, 0);
        var other = Members(gang, 1).Select(one => one with { Key = one.Key with { Namespace = "other" } });
        Assert.Empty(Planner.Plan(ClusterSnapshot.Of([Host("a"), Host("b")]), [.. Members(gang, 1), .. other]).Placements);
    }

    private static WorkloadView[] Members(Gang gang, int count) =>
        Enumerable.Range(0, count).Select(at => Sized($"member-{at}") with { Gang = gang, Sequence = at }).ToArray();

    private static WorkloadView Sized(string name) => Workload(name) with { Requests = Amounts(2000, pods: 1) };
}
