using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Feasibility;

/// <summary>The documented cluster: node1 and node2 in zone A, node3 and node4 in zone B.</summary>
public sealed class TopologySpreadTests
{
    private static readonly WorkloadView Web = Workload().Labelled("foo=bar");

    [Theory]
    [InlineData("1 1 1 0", 1, "node3 node4")]         // 2 and 1: only zone B keeps the skew
    [InlineData("1 1 1 1", 1, "node1 node2 node3 node4")]
    [InlineData("2 0 0 0", 1, "node3 node4")]
    [InlineData("2 0 0 0", 3, "node1 node2 node3 node4")]
    public void Zones_stay_within_the_skew(string there, int skew, string hosts) =>
        Assert.Equal(hosts, Feasible(Cluster(there), Spreading(Zone(skew))));

    [Theory]
    [InlineData("1 1 1 0", "node4")]                  // zone and host together, the documented example
    [InlineData("2 1 2 0", "node4")]
    [InlineData("1 2 2 0", "node4")]
    [InlineData("0 2 1 0", "node4")]                  // zone B has less, and of its hosts node4
    public void All_constraints_hold_at_once(string there, string hosts) =>
        Assert.Equal(hosts, Feasible(Cluster(there), Spreading(Zone(1), new SpreadConstraint("kubernetes.io/hostname", 1, true, Selection("foo=bar")))));

    [Fact]
    public void Constraints_that_contradict_each_other_leave_no_host()
    {
        // The documented conflict: zone A has 3 and zone B 2, so the zones ask for B; node2 has least, so the hosts ask for node2.
        var workload = Spreading(Zone(1), new SpreadConstraint("kubernetes.io/hostname", 1, true, Selection("foo=bar")));
        Assert.Equal("", Feasible(Cluster("2 1 2 0").Without(new("node4")), workload));
        Assert.Equal("node3", Feasible(Cluster("2 1 2 0").Without(new("node4")), Spreading(Zone(1))));
    }

    [Fact]
    public void A_host_without_the_label_is_no_place()
    {
        var snapshot = Cluster("0 0 0 0").With(Host("node9"));
        Assert.DoesNotContain("node9", Feasible(snapshot, Spreading(Zone(1))));
        Assert.Contains("1 without label zone of a topology spread constraint", Planner.Explain(snapshot, Spreading(Zone(1))).Summary);
    }

    [Theory]
    [InlineData(2, "node1 node2 node3 node4")]
    [InlineData(3, "")]                               // too few zones: the least counts as none, and both zones have one
    public void Fewer_places_than_asked_for_count_as_an_empty_one(int minimumDomains, string hosts) =>
        Assert.Equal(hosts, Feasible(Cluster("1 0 1 0"), Spreading(Zone(1) with { MinimumDomains = minimumDomains })));

    [Theory]
    [InlineData(true, "node1 node2")]                 // zone B is ruled out by the selector and does not count
    [InlineData(false, "")]                           // it counts, is empty, and may not be used
    public void Hosts_that_the_selector_rules_out_count_or_not(bool honorsAffinity, string hosts)
    {
        var workload = Spreading(Zone(1) with { HonorsAffinity = honorsAffinity }) with { Selector = Labels("zone=A") };
        Assert.Equal(hosts, Feasible(Cluster("1 0 0 0"), workload));
    }

    [Theory]
    [InlineData(true, "node1 node2")]
    [InlineData(false, "")]
    public void Hosts_with_taints_count_or_not(bool honorsTaints, string hosts)
    {
        var snapshot = Cluster("1 0 0 0");
        foreach (var name in new[] { "node3", "node4" }) snapshot = snapshot.With(snapshot.Find(new(name))! with { Taints = [Taint("lab:NoSchedule")] });
        Assert.Equal(hosts, Feasible(snapshot, Spreading(Zone(1) with { HonorsTaints = honorsTaints })));
    }

    [Fact]
    public void Only_living_workloads_of_the_same_namespace_count()
    {
        var ending = Web with { Traits = Web.Traits with { Terminating = true } };
        var foreign = Web with { Traits = Web.Traits with { Namespace = "other" } };
        var snapshot = Cluster("0 0 0 0");
        snapshot = snapshot.With(snapshot.Find(new("node1"))!.With(ending, foreign));
        Assert.Equal("node1 node2 node3 node4", Feasible(snapshot, Spreading(Zone(1))));
    }

    [Fact]
    public void A_batch_spreads_and_says_what_stops_it()
    {
        var replicas = Enumerable.Range(0, 9).Select(at => Spreading(Zone(1)) with { Key = Web.Key with { Name = $"web-{at}" }, Sequence = at, Requests = Amounts(2000, pods: 1) });
        var plan = Planner.Plan(Cluster("0 0 0 0").Without(new("node2")), replicas.ToList());
        Assert.Equal(["A", "A", "B", "B", "B"], plan.Placements.Select(placement => placement.Host.Value is "node1" ? "A" : "B").Order());
        Assert.Contains("zone=B would be 2 ahead of the place with least (2), at most 1 may be", plan.Unplaced[0].Explanation.Summary);
    }

    private static SpreadConstraint Zone(int skew) => new("zone", skew, Required: true, Selection("foo=bar"));

    private static WorkloadView Spreading(params SpreadConstraint[] constraints) => Web with { Spread = constraints.ToValueList() };

    /// <summary>How many workloads foo=bar are on each host.</summary>
    private static ClusterSnapshot Cluster(string there) => ClusterSnapshot.Of(there.Split(' ').Select((count, at) =>
        Host($"node{at + 1}").With(Enumerable.Repeat(Web, int.Parse(count)).ToArray()) with
        {
            Labels = Labels($"kubernetes.io/hostname=node{at + 1}", $"zone={(at < 2 ? "A" : "B")}"),
        }));

    private static string Feasible(ClusterSnapshot snapshot, WorkloadView workload) =>
        string.Join(' ', Planner.Explain(snapshot, workload).Feasible.Select(host => host.Host.Value).Order());
}
