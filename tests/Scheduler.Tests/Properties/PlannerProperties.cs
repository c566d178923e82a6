using CsCheck;

namespace Orchestrator.Scheduler.Tests.Properties;

public sealed class PlannerProperties
{
    private static readonly Gen<(HostView[] Hosts, WorkloadView[] Pending)> Cases = Gen.Select(Clusters.Hosts, Clusters.Pending);

    [Fact]
    public void Plans_as_the_reference_does() => Cases.Holds((hosts, pending) =>
    {
        var plan = Planner.Plan(ClusterSnapshot.Of(hosts).With(Neighbors.Namespaces), pending);
        var nominations = plan.Nominations.ToDictionary(one => one.Workload.Key.Name, one => one.Host.Value);
        var (placed, unplaced) = new Reference(hosts, Neighbors.Namespaces).Plan(pending, nominations);
        Assert.Equal(placed, plan.Placements.Select(one => (one.Workload.Key.Name, one.Host.Value, one.Score)));
        Assert.Equal(unplaced, plan.Unplaced.Select(one => one.Workload.Key.Name));
    }, iter: 10_000);

    [Fact]
    public void Finds_the_same_hosts_scores_and_reasons_as_the_reference() => Gen.Select(Clusters.Hosts, Clusters.Workload).Holds((hosts, workload) =>
    {
        var reference = new Reference(hosts, Neighbors.Namespaces);
        var explanation = Planner.Explain(ClusterSnapshot.Of(hosts).With(Neighbors.Namespaces), workload);
        var ranked = reference.Ranked(workload).ToList();
        Assert.Equal((hosts.Length, ranked.Count), (explanation.Hosts, explanation.FeasibleHosts));
        Assert.Equal(ranked.Take(20).Select(entry => (entry.Host.Name, entry.Score)), explanation.Feasible.Select(host => (host.Host, host.Score)));
        foreach (var (entry, host) in ranked.Zip(explanation.Feasible)) Assert.Equal(entry.Scores, host.Scores.Select(score => score.Score));

        var broken = reference.Hosts.ToDictionary(host => host.Name, host => reference.BrokenRules(host, workload).ToList());
        var firsts = broken.Values.Where(rules => rules.Count > 0).CountBy(rules => rules[0]).ToDictionary();
        Assert.Equal(firsts.OrderBy(rule => rule.Key), explanation.Removals.ToDictionary(one => one.Rule, one => one.Hosts).OrderBy(rule => rule.Key));
        Assert.Equal(Math.Min(5, hosts.Length - ranked.Count), explanation.Nearest.Count);
        foreach (var near in explanation.Nearest) Assert.Equal(broken[near.Host], near.Lacks.Select(lack => lack.Rule).Distinct());
        var fewest = broken.Values.Where(rules => rules.Count > 0).Select(rules => rules.Count).Order().Take(5);
        Assert.Equal(fewest, explanation.Nearest.Select(near => broken[near.Host].Count));
        foreach (var near in explanation.Nearest)
            Assert.Equal(
                ReferenceRules.MissingResources(hosts.Single(host => host.Name == near.Host), workload),
                near.Lacks.Where(lack => lack.Shortage is not null).Select(lack => lack.Shortage!.Resource));
    }, iter: 10_000);

    /// <summary>With the reasons of the same rules, and only then.</summary>
    [Fact]
    public void A_host_refuses_what_has_no_room_on_it_alone() => Gen.Select(Clusters.Host, Clusters.Workload).Holds((host, workload) =>
    {
        host = Clusters.Named(host, "host-0");
        var alone = workload with { Spread = [], Traits = new WorkloadTraits { Namespace = workload.Traits.Namespace, Ports = workload.Traits.Ports } };
        var broken = new Reference([host], Neighbors.Namespaces).BrokenRules(host, alone).Any();
        Assert.Equal(broken, Planner.Refusal(host, workload) is not null);
    }, iter: 3_000);

    /// <summary>Where only amounts are missing, a request for what the host is said to have room for fits there.</summary>
    [Fact]
    public void A_smaller_request_as_told_fits() => Gen.Select(Clusters.Hosts, Clusters.Workload).Holds((hosts, workload) =>
    {
        var snapshot = ClusterSnapshot.Of(hosts).With(Neighbors.Namespaces);
        foreach (var near in Planner.Explain(snapshot, workload).Nearest)
        {
            if (!near.Lacks.All(lack => lack.Shortage is { Room: > 0 } and not { Resource: ResourceNames.Pods })) continue;
            var smaller = near.Lacks.Aggregate(workload.Requests, (requests, lack) => Smaller(requests, lack.Shortage!));
            var there = Planner.Explain(ClusterSnapshot.Of([hosts.Last(host => host.Name == near.Host)]).With(Neighbors.Namespaces), workload with { Requests = smaller, Spread = [] });
            Assert.DoesNotContain(there.Removals, removal => removal.Rule == "Resources");
        }
    }, iter: 10_000);

    private static ResourceVector Smaller(ResourceVector requests, Shortage shortage) => shortage.Resource switch
    {
        ResourceNames.Cpu when requests.VirtualMilliCpu > 0 => requests with { VirtualMilliCpu = shortage.Room },
        ResourceNames.Cpu => requests with { MilliCpu = shortage.Room },
        ResourceNames.Memory when requests.MachineMemoryBytes > 0 => requests with { MachineMemoryBytes = shortage.Room },
        ResourceNames.Memory => requests with { MemoryBytes = shortage.Room },
        ResourceNames.EphemeralStorage => requests with { EphemeralBytes = shortage.Room },
        var extended => requests with
        {
            Extended = requests.Extended.Select(amount => amount.Name == extended ? amount with { Amount = shortage.Room } : amount).ToValueList(),
        },
    };

    [Fact]
    public void No_host_is_filled_above_its_capacity() => Cases.Holds((hosts, pending) =>
    {
        var plan = Planner.Plan(ClusterSnapshot.Of(hosts), pending);
        foreach (var (name, placed) in plan.Placements.GroupBy(one => one.Host).Select(group => (group.Key, group)))
        {
            var host = hosts.Single(one => one.Name == name);
            var added = placed.Aggregate(default(ResourceVector), (sum, one) => sum + one.Workload.Requests);
            var left = host.Allocatable - host.Used - added;
            Assert.True(added.MilliCpu == 0 || left.MilliCpu >= 0, $"{host} takes {added}");
            Assert.True(added.MemoryBytes == 0 || left.MemoryBytes >= 0, $"{host} takes {added}");
            Assert.True(added.EphemeralBytes == 0 || left.EphemeralBytes >= 0, $"{host} takes {added}");
            Assert.True(left.Pods >= 0, $"{host} takes {added}");
            foreach (var extended in added.Extended) Assert.True(left.ExtendedAmount(extended.Name) >= 0, $"{host} takes {added}");
        }
    }, iter: 3_000);

    [Fact]
    public void The_order_in_which_hosts_and_workloads_are_given_does_not_matter() => Gen.Select(Cases, Gen.Int).Holds((input, seed) =>
    {
        var random = new Random(seed);
        var (hosts, pending) = (input.Hosts.ToArray(), input.Pending.ToArray());
        random.Shuffle(hosts);
        random.Shuffle(pending);
        AssertSame(Planner.Plan(ClusterSnapshot.Of(input.Hosts), input.Pending), Planner.Plan(ClusterSnapshot.Of(hosts), pending));
    }, iter: 3_000);

    [Fact]
    public void Reusing_the_scores_of_a_class_changes_nothing() => Cases.Holds((hosts, pending) =>
    {
        var snapshot = ClusterSnapshot.Of(hosts);
        var reused = Planner.Plan(snapshot, pending);
        foreach (var kept in new[] { 0, 1 })
            AssertSame(Planner.Plan(snapshot, pending, PlanSettings.Default with { KeptClasses = _ => kept }), reused);
    }, iter: 3_000);

    [Fact]
    public void A_plan_leaves_the_snapshot_as_it_was() => Cases.Holds((hosts, pending) =>
    {
        var snapshot = ClusterSnapshot.Of(hosts);
        var first = Planner.Plan(snapshot, pending);
        AssertSame(first, Planner.Plan(snapshot, pending));
    }, iter: 2_000);

    internal static void AssertSame(Plan expected, Plan actual)
    {
        Assert.Equal(expected.Placements, actual.Placements);
        Assert.Equal(expected.Unplaced, actual.Unplaced);
        Assert.Equal(expected.Nominations, actual.Nominations);
    }
}
