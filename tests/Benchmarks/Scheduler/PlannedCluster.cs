using System.Diagnostics;
using Orchestrator.Contracts.Ids;
using Orchestrator.Scheduler;

namespace Orchestrator.Benchmarks.Scheduler;

/// <summary>
/// A cluster on which plans are made and carried out at once: every batch is planned on the snapshot, and the hosts that took something
/// are put into the next one, as the silo does. Both are measured.
/// </summary>
internal sealed class PlannedCluster
{
    private const int BatchSize = 500;

    private readonly List<Resident> _bound = [];
    private ClusterSnapshot _snapshot;

    public PlannedCluster(int hosts, int zones) => _snapshot = ClusterSnapshot.Of(Enumerable.Range(0, hosts).Select(at => Hosts.Make(at, zones)));

    public ClusterSnapshot Snapshot => _snapshot;

    public int Bound => _bound.Count;

    /// <summary>Plans and binds, a batch after the other; the time that it took. What fits nowhere stays behind.</summary>
    public TimeSpan Run(IReadOnlyList<WorkloadView> pods, Action<PlannedCluster>? betweenBatches = null)
    {
        var started = Stopwatch.GetTimestamp();
        for (var first = 0; first < pods.Count; first += BatchSize)
        {
            Bind(Planner.Plan(_snapshot, pods.Skip(first).Take(BatchSize).ToList()).Placements);
            betweenBatches?.Invoke(this);
        }

        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Makes room for the pods by ending others, which are gone at once, and places them; the time that both plans took.</summary>
    public TimeSpan RunWithPreemption(IReadOnlyList<WorkloadView> pods)
    {
        var started = Stopwatch.GetTimestamp();
        for (var first = 0; first < pods.Count; first += BatchSize)
        {
            var batch = pods.Skip(first).Take(BatchSize).ToList();
            foreach (var nomination in Planner.Plan(_snapshot, batch).Nominations) End(nomination);
            Bind(Planner.Plan(_snapshot, batch).Placements);
        }

        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Plans one workload alone and binds it; the time of the decision only.</summary>
    public TimeSpan Decide(WorkloadView pod)
    {
        var started = Stopwatch.GetTimestamp();
        var plan = Planner.Plan(_snapshot, [pod]);
        var elapsed = Stopwatch.GetElapsedTime(started);
        Bind(plan.Placements);
        return elapsed;
    }

    /// <summary>The host as it is, put in again: what a change of its status does.</summary>
    public void Touch(int host, Func<HostView, HostView> change) => _snapshot = _snapshot.With(change(_snapshot.Find(new HostName(Hosts.Name(host)))!));

    private void End(Nomination nomination) =>
        _snapshot = _snapshot.With(_snapshot.Find(nomination.Host)!.Without(nomination.Victims.Select(victim => victim.Uid).ToHashSet()));

    private void Bind(IReadOnlyList<Placement> placements)
    {
        foreach (var group in placements.GroupBy(placement => placement.Host))
        {
            var residents = group.Select(placement => Resident.Of(placement.Workload)).ToList();
            _bound.AddRange(residents);
            _snapshot = _snapshot.With(_snapshot.Find(group.Key)!.With(residents));
        }
    }
}
