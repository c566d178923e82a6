using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Planning;

public sealed class PlannerTests
{
    [Fact]
    public void Each_placement_counts_against_the_following_ones()
    {
        var snapshot = ClusterSnapshot.Of([Host("a"), Host("b")]);
        var pending = Enumerable.Range(0, 5).Select(i => Sized($"web-{i}", 2000) with { Sequence = i }).ToList();
        var plan = Planner.Plan(snapshot, pending);
        Assert.Equal(["a", "b", "a", "b"], plan.Placements.Select(placement => placement.Host.Value));
        Assert.Equal("web-4", Assert.Single(plan.Unplaced).Workload.Key.Name);
        Assert.Equal("0/2 hosts are available: 2 insufficient cpu (needs 2, nearest a has 0 free).", plan.Unplaced[0].Explanation.Summary);
        Assert.Equal(0, snapshot.Find(new("a"))!.Used.MilliCpu);
    }

    [Fact]
    public void The_higher_priority_goes_first_and_then_the_older()
    {
        var snapshot = ClusterSnapshot.Of([Host("a") with { Allocatable = Amounts(4000, 16 * Gibi, 0, 2) }]);
        WorkloadView[] pending =
        [
            Workload("young") with { Sequence = 9 }, Workload("old") with { Sequence = 3 },
            Workload("urgent") with { Priority = 1000, Sequence = 12 }, Workload("humble") with { Priority = -1, Sequence = 1 },
        ];
        var plan = Planner.Plan(snapshot, pending);
        Assert.Equal(["urgent", "old"], plan.Placements.Select(placement => placement.Workload.Key.Name));
        Assert.Equal(["young", "humble"], plan.Unplaced.Select(unplaced => unplaced.Workload.Key.Name));
    }

    [Fact]
    public void A_large_workload_that_waits_does_not_hold_up_the_small_ones()
    {
        var plan = Planner.Plan(ClusterSnapshot.Of([Host("a")]), [Sized("large", 64_000), Sized("small", 100) with { Sequence = 1 }]);
        Assert.Equal("small", Assert.Single(plan.Placements).Workload.Key.Name);
        Assert.Equal("large", Assert.Single(plan.Unplaced).Workload.Key.Name);
    }

    [Fact]
    public void Workloads_that_ask_for_nothing_spread()
    {
        var snapshot = ClusterSnapshot.Of(Enumerable.Range(0, 4).Select(i => Host($"host-{i}")));
        var nothing = new ResourceVector { Pods = 1, AssumedMilliCpu = 100, AssumedMemoryBytes = 200 * Mebi };
        var pending = Enumerable.Range(0, 40).Select(i => Workload($"web-{i}") with { Requests = nothing, Sequence = i }).ToList();
        var plan = Planner.Plan(snapshot, pending);
        Assert.All(plan.Placements.CountBy(placement => placement.Host), host => Assert.Equal(10, host.Value));
    }

    [Fact]
    public void Nothing_pending_and_no_hosts_are_no_trouble()
    {
        Assert.Empty(Planner.Plan(ClusterSnapshot.Of([Host("a")]), []).Placements);
        var unplaced = Assert.Single(Planner.Plan(ClusterSnapshot.Empty, [Workload()]).Unplaced);
        Assert.Equal("0/0 hosts are available: no host has joined the cluster.", unplaced.Explanation.Summary);
    }

    [Fact]
    public void A_host_asked_alone_decides_what_it_can_decide_alone()
    {
        var workload = Workload() with
        {
            Requests = Amounts(1000, pods: 1),
            Spread = [new SpreadConstraint("zone", 1, true, Selection("app=web"))],
            Traits = new WorkloadTraits { Namespace = "default", Affinity = [Term("zone", "app=db")], Ports = [new HostPort("TCP", "", 80)] },
        };
        Assert.Null(Planner.Refusal(Host("a"), workload));
        Assert.Contains("insufficient cpu", Planner.Refusal(Host("a") with { Used = Amounts(3500) }, workload));
        Assert.Contains("host port 80/TCP taken", Planner.Refusal(Host("a").With(workload with { Requests = default }), workload));
    }

    private static WorkloadView Sized(string name, long milliCpu) => Workload(name) with { Requests = Amounts(milliCpu, pods: 1) };
}
