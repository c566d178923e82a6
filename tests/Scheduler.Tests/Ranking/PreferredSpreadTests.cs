using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Ranking;

public sealed class PreferredSpreadTests
{
    private static readonly WorkloadView Web = Workload().Labelled("foo=bar");

    [Theory]
    [InlineData("zone", "2 0 1 0", "40 40 100 100")]                       // 2 and 1 workloads: round(2 × ln 4) = 3, round(1 × ln 4) = 1 …
    [InlineData("kubernetes.io/hostname", "2 0 1 0", "0 100 50 100")]      // 4, 0, 2, 0
    [InlineData("zone", "0 0 0 0", "100 100 100 100")]
    public void Places_with_fewer_score_more(string key, string there, string expected)
    {
        var workload = Web with { Spread = [new SpreadConstraint(key, 1, Required: false, Selection("foo=bar"))] };
        var scores = Scores.Of("PreferredSpread", Cluster(there, Web), workload);
        Assert.Equal(expected.Replace("40", "33"), string.Join(' ', scores.OrderBy(host => host.Key).Select(host => host.Value)));
    }

    [Fact]
    public void A_host_without_the_label_scores_nothing()
    {
        var workload = Web with { Spread = [new SpreadConstraint("zone", 1, Required: false, Selection("foo=bar"))] };
        var scores = Scores.Of("PreferredSpread", [.. Cluster("1 0 0 0", Web), Host("bare")], workload);
        Assert.Equal(0, scores["bare"]);
        Assert.Equal(100, scores["node3"]);
    }

    [Fact]
    public void The_replicas_of_one_owner_spread_without_being_told()
    {
        var replica = Web with { Traits = Web.Traits with { Owner = "replicaset-1" }, Requests = Amounts(100, 64 * Mebi, 0, 1) };
        var hosts = Cluster("0 0 0 0", Web);
        hosts[3] = hosts[3] with { Allocatable = Amounts(16_000, 64 * Gibi, 100 * Gibi, 110) };
        var pending = Enumerable.Range(0, 8).Select(at => replica with { Key = replica.Key with { Name = $"web-{at}" }, Sequence = at }).ToList();
        var plan = Planner.Plan(ClusterSnapshot.Of(hosts), pending);
        Assert.All(plan.Placements.CountBy(placement => placement.Host), host => Assert.Equal(2, host.Value));

        // Without an owner the largest host looks best for long.
        var single = pending.Select(one => one with { Traits = one.Traits with { Owner = "" } }).ToList();
        Assert.True(Planner.Plan(ClusterSnapshot.Of(hosts), single).Placements.Count(placement => placement.Host.Value == "node4") > 2);
    }

    [Fact]
    public void Another_owners_workloads_do_not_count()
    {
        var replica = Web with { Traits = Web.Traits with { Owner = "mine" } };
        var scores = Scores.Of("PreferredSpread", Cluster("3 0 0 0", Web with { Traits = Web.Traits with { Owner = "theirs" } }), replica);
        Assert.Single(scores.Values.Distinct());
    }

    private static HostView[] Cluster(string there, WorkloadView workload) => there.Split(' ').Select((count, at) =>
        Host($"node{at + 1}").With(Enumerable.Repeat(workload, int.Parse(count)).ToArray()) with
        {
            Labels = Labels($"kubernetes.io/hostname=node{at + 1}", $"zone={(at < 2 ? "A" : "B")}"),
        }).ToArray();
}
