using CsCheck;
using Orchestrator.Simulation.Load;
using World = Orchestrator.Simulation.World.Simulation;

namespace Orchestrator.Scheduler.Tests.Storms;

/// <summary>
/// Hosts die and come back, workloads end, become more important and are driven out, and several schedulers plan on views that are old by
/// the time they act. The seed that a failure prints repeats the whole storm.
/// </summary>
public sealed class StormTests
{
    private const long StormMilliseconds = 20 * 60_000;

    /// <summary>After the last fault every job ends and every host is back.</summary>
    private const long CalmMilliseconds = 4 * 60 * 60_000;

    [Fact]
    public void No_host_is_above_its_capacity_no_group_is_half_placed_and_what_fits_does_not_wait() =>
        Gen.Select(Gen.Int, Gen.Int[1, 12], Gen.Int[1, 120], Gen.Int[0, 60], Gen.Int[1, 3]).Holds((seed, hosts, workloads, faults, schedulers) =>
        {
            var world = Storm(seed, hosts, workloads, faults, schedulers, contending: seed % 2 == 0);
            world.Run(CalmMilliseconds);
            AssertSound(world);
            var left = world.Cluster.Pending.Select(workload => world.Cluster.Waiting(workload.Key)!).ToList();
            Assert.Empty(Planner.Plan(world.Cluster.Snapshot, left).Placements.Select(placement => $"{placement.Workload.Key} waits and fits on {placement.Host}"));
        }, iter: 150);

    [Fact]
    public void A_storm_is_the_same_each_time()
    {
        var (first, second) = (Storm(7, 12, 300, 60, 3, contending: false), Storm(7, 12, 300, 60, 3, contending: false));
        first.Run(StormMilliseconds);
        second.Run(StormMilliseconds);
        Assert.True(first.Figures is { PlacedCount: > 100, Preempted: > 0, Refused: > 0 }, $"{first.Figures.PlacedCount} placed, {first.Figures.Preempted} preempted, {first.Figures.Refused} refused");
        Assert.Equal(first.Figures.Waited, second.Figures.Waited);
        Assert.Equal(first.Cluster.Bound.Select(bound => (bound.Workload.Uid, bound.Host)), second.Cluster.Bound.Select(bound => (bound.Workload.Uid, bound.Host)));
    }

    private static World Storm(int seed, int hosts, int workloads, int faults, int schedulers, bool contending)
    {
        World? world = null;
        // No safety net: an event must say when what waits may fit.
        var groups = new Dictionary<(string, string), int>();
        world = new World(PlanSettings.Default, schedulers, contending, retries: false)
        {
            Watcher = () =>
            {
                AssertSound(world!);
                AssertWhole(world!, groups);
            },
        };
        for (var at = 0; at < hosts; at++) world.Put(HostShapes.Make(at));
        foreach (var arrival in new StandardMix(seed).Make(workloads, StormMilliseconds, lasting: false)) world.Time.At(arrival.At, () => world.Submit(arrival));
        new Faults(world, seed).Plan(faults, StormMilliseconds);
        return world;
    }

    private static void AssertSound(World world)
    {
        var placed = world.Cluster.Bound.ToDictionary(bound => bound.Workload.Uid, bound => bound.Host);
        foreach (var host in world.Cluster.Snapshot.Hosts)
        {
            var used = host.Residents.Aggregate(default(ResourceVector), (sum, resident) => sum + resident.Requests);
            Assert.Equal(used, host.Used);
            Assert.True(used.MilliCpu + Overcommit.Taken(used.VirtualMilliCpu, host.Overcommit.CpuPercent) <= host.Allocatable.MilliCpu, $"{host.Name} has more CPU on it than it has");
            Assert.True(used.MemoryBytes + Overcommit.Taken(used.MachineMemoryBytes, host.Overcommit.MemoryPercent) <= host.Allocatable.MemoryBytes, $"{host.Name} has more memory on it than it has");
            Assert.True(used.Pods <= host.Allocatable.Pods);
            foreach (var resident in host.Residents) Assert.Equal(host.Name, placed[resident.Uid]);
        }
    }

    /// <summary>Members may end one by one, but none is placed unless enough of them are then.</summary>
    private static void AssertWhole(World world, Dictionary<(string Namespace, string Group), int> before)
    {
        foreach (var (group, least) in world.Cluster.Groups)
        {
            var placed = world.Cluster.Placed(group.Namespace, group.Group);
            Assert.True(placed <= before.GetValueOrDefault(group) || placed >= least, $"{group.Group}: {placed} of at least {least}");
            before[group] = placed;
        }
    }
}
