using CsCheck;
using Orchestrator.Contracts.Ids;
using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Properties;

public sealed class SnapshotProperties
{
    /// <summary>A host to put in, or the name of one to take out.</summary>
    private static readonly Gen<(int At, HostView? Host)> Change = Gen.Select(Gen.Int[0, 80], Gen.Null(Clusters.Host, 0.3));

    [Fact]
    public void Changed_step_by_step_equals_made_at_once() =>
        Gen.Select(Clusters.Hosts, Change.Array[0, 30], Clusters.Pending, Clusters.Workload).Holds((hosts, changes, pending, asked) =>
        {
            var expected = hosts.ToDictionary(host => host.Name);
            var snapshot = ClusterSnapshot.Of(hosts);
            foreach (var (at, host) in changes)
            {
                var name = new HostName($"host-{at}");
                snapshot = host is null ? snapshot.Without(name) : snapshot.With(Clusters.Named(host, name.Value));
                if (host is null) expected.Remove(name);
                else expected[name] = Clusters.Named(host, name.Value);
            }

            var rebuilt = ClusterSnapshot.Of(expected.Values);
            Assert.Equal(expected.Count, snapshot.Count);
            Assert.Equal(expected.Values.OrderBy(host => host.Name.Value), snapshot.Hosts.OrderBy(host => host.Name.Value));
            foreach (var host in expected.Values) Assert.Equal(host, snapshot.Find(host.Name));
            PlannerProperties.AssertSame(Planner.Plan(rebuilt, pending), Planner.Plan(snapshot, pending));
            Assert.Equal(Planner.Explain(rebuilt, asked), Planner.Explain(snapshot, asked));
        }, iter: 1_000);

    [Fact]
    public void A_snapshot_never_changes() => Gen.Select(Clusters.Hosts, Change.Array[1, 20], Clusters.Workload).Holds((hosts, changes, asked) =>
    {
        var snapshot = ClusterSnapshot.Of(hosts);
        var before = Planner.Explain(snapshot, asked);
        foreach (var (at, host) in changes)
            _ = host is null ? snapshot.Without(new HostName($"host-{at}")) : snapshot.With(Clusters.Named(host, $"host-{at}"));
        Assert.Equal(before, Planner.Explain(snapshot, asked));
        Assert.Equal(hosts.Length, snapshot.Count);
    }, iter: 1_000);

    [Fact]
    public void Labels_that_come_and_go_do_not_pile_up()
    {
        var snapshot = ClusterSnapshot.Of([Host("a"), Host("b") with { Labels = Labels("disk=ssd") }]);
        for (var i = 0; i < 20_000; i++) snapshot = snapshot.With(Host("a") with { Labels = Labels($"build={i}") });
        Assert.True(snapshot.Symbols.Labels.Count < 5_000, $"{snapshot.Symbols.Labels.Count} labels are kept");
        Assert.Equal(1, Planner.Explain(snapshot, Workload() with { Selector = Labels("build=19999") }).FeasibleHosts);
        Assert.Equal(0, Planner.Explain(snapshot, Workload() with { Selector = Labels("build=19998") }).FeasibleHosts);
        Assert.Equal("b", Planner.Explain(snapshot, Workload() with { Selector = Labels("disk=ssd") }).Feasible[0].Host.Value);
    }

    [Fact]
    public void Of_two_hosts_with_one_name_the_later_counts() =>
        Assert.Equal(1, Planner.Explain(ClusterSnapshot.Of([Host("a") with { Ready = false }, Host("a")]), Workload()).FeasibleHosts);
}
