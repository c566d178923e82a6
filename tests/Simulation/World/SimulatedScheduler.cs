using System.Diagnostics;
using Orchestrator.Contracts.Ids;
using Orchestrator.Scheduler;

namespace Orchestrator.Simulation.World;

/// <summary>
/// One scheduler, as the scheduler grain is: it takes what its queue lets it try, plans that on the cluster as it is now, and offers the
/// plan a little later, when the cluster may have changed. It waits for the answers before its next pass.
/// <code>
///   idle ──Wake──► planned ──(delay)──► offered and settled ──► idle
/// </code>
/// </summary>
internal sealed class SimulatedScheduler(Simulation world, PlanSettings settings)
{
    private const int MostInAPass = 2_000;

    /// <summary>From a snapshot to the answers of the hosts.</summary>
    private const long PassMilliseconds = 20;

    private readonly SchedulingQueue _queue = new();
    private bool _busy;
    private long _wakeAt = long.MaxValue;

    public void Submit(WorkloadView workload)
    {
        if (workload.Group.Length > 0) _queue.Happened(ClusterEvents.GroupChanged);
        _queue.Add(workload.Key, HashCode.Combine(workload.Uid, workload.Priority), workload.Priority, workload.Sequence, workload.Group);
        Wake();
    }

    public void Happened(ClusterEvents events)
    {
        _queue.Happened(events);
        Wake();
    }

    public void Gone(ObjectKey key) => _queue.Remove(key);

    private void Wake()
    {
        if (_busy || _queue.NextAt() is not { } next) return;
        var at = Math.Max(next, world.Time.Now);
        if (at >= _wakeAt) return;
        _wakeAt = at;
        world.Time.At(at, () =>
        {
            if (_busy || _wakeAt != at) return;
            _wakeAt = long.MaxValue;
            Pass();
        });
    }

    private void Pass()
    {
        var snapshot = world.Cluster.Snapshot;
        var pending = new List<WorkloadView>();
        foreach (var key in _queue.Take(MostInAPass, world.Time.Now))
        {
            if (world.Cluster.Waiting(key) is { } workload) pending.Add(workload);
            else _queue.Remove(key);
        }

        if (pending.Count == 0)
        {
            Wake();
            return;
        }

        _busy = true;
        var started = Stopwatch.GetTimestamp();
        var plan = Planner.Plan(snapshot, pending, settings);
        world.Figures.Planned(pending.Count, Stopwatch.GetElapsedTime(started));
        world.Time.After(PassMilliseconds, () => Carry(plan));
    }

    private void Carry(Plan plan)
    {
        foreach (var together in plan.Placements.GroupBy(placement => (placement.Workload.Key.Namespace, placement.Workload.Group)))
            foreach (var (placement, answer) in world.Bind([.. together])) Settle(placement, answer);
        foreach (var nomination in plan.Nominations) world.MakeRoom(nomination);
        foreach (var unplaced in plan.Unplaced) _queue.Unplaced(unplaced.Workload.Key, unplaced.HelpedBy, world.Time.Now);
        _busy = false;
        if (plan.Placements.Count > 0) world.Happened(ClusterEvents.WorkloadPlaced);
        else Wake();
    }

    private void Settle(Placement placement, Answer answer)
    {
        if (answer == Answer.Refused) _queue.Refused(placement.Workload.Key, world.Time.Now);
        else _queue.Remove(placement.Workload.Key);
    }
}
