using Orchestrator.Contracts.Ids;
using Orchestrator.Scheduler;

namespace Orchestrator.Simulation.World;

/// <summary>
/// What is really there: the hosts, what each has, and what still waits. Schedulers propose; here it is decided, by the same words with
/// which a host grain refuses. It knows no time and no scheduler.
/// </summary>
internal sealed class Cluster
{
    private readonly Dictionary<ObjectKey, WorkloadView> _pending = [];
    private readonly Dictionary<ObjectKey, Bound> _bound = [];
    private readonly Dictionary<(string Namespace, string Group), int> _placed = [];

    public ClusterSnapshot Snapshot { get; private set; } = ClusterSnapshot.Empty;

    /// <summary>The least members of each group.</summary>
    public Dictionary<(string Namespace, string Group), int> Groups { get; } = [];

    public IReadOnlyCollection<WorkloadView> Pending => _pending.Values;

    public IReadOnlyCollection<Bound> Bound => _bound.Values;

    public void Put(HostView host)
    {
        var before = Snapshot.Find(host.Name);
        Snapshot = Snapshot.With(host with { Used = before?.Used ?? default, Residents = before?.Residents ?? [] });
    }

    /// <summary>The host is gone for good, with all that it had.</summary>
    public IReadOnlyList<WorkloadView> Remove(HostName name)
    {
        var lost = _bound.Values.Where(bound => bound.Host == name).Select(bound => bound.Workload).ToList();
        foreach (var workload in lost) Forget(workload);
        Snapshot = Snapshot.Without(name);
        return lost;
    }

    public void Submit(WorkloadView workload) => _pending[workload.Key] = workload;

    /// <summary>The workload as it waits, with what its group has; null if it waits no longer.</summary>
    public WorkloadView? Waiting(ObjectKey key)
    {
        if (!_pending.TryGetValue(key, out var workload) || workload.Group.Length == 0) return workload;
        var least = Groups.TryGetValue((key.Namespace, workload.Group), out var minimum) ? minimum : (int?)null;
        return workload with { Gang = new Gang(workload.Group, least, Placed(key.Namespace, workload.Group)) };
    }

    public int Placed(string ns, string group) => _placed.GetValueOrDefault((ns, group));

    public Bound? Find(ObjectKey key) => _bound.GetValueOrDefault(key);

    public Answer Bind(WorkloadView planned, HostName name, long now)
    {
        if (!_pending.TryGetValue(planned.Key, out var workload) || workload.Uid != planned.Uid) return Answer.Obsolete;
        if (Snapshot.Find(name) is not { } host || Planner.Refusal(host, workload) is not null) return Answer.Refused;
        _pending.Remove(workload.Key);
        _bound.Add(workload.Key, new Bound(workload, name, now));
        if (workload.Group.Length > 0) _placed[(workload.Key.Namespace, workload.Group)] = Placed(workload.Key.Namespace, workload.Group) + 1;
        Snapshot = Snapshot.With(host.With([Resident.Of(workload)]));
        return Answer.Bound;
    }

    /// <summary>Room is being made for the workload there.</summary>
    public void Nominate(ObjectKey key, HostName host)
    {
        if (_pending.TryGetValue(key, out var workload)) _pending[key] = workload with { NominatedHost = host.Value };
    }

    /// <summary>It has been asked to end, and still takes its room.</summary>
    public void Terminate(Bound bound)
    {
        if (Snapshot.Find(bound.Host) is not { } host) return;
        var residents = host.Residents.Select(one => one.Uid == bound.Workload.Uid ? one with { Traits = one.Traits with { Terminating = true } } : one);
        Snapshot = Snapshot.With(host with { Residents = residents.ToValueList() });
    }

    /// <summary>Takes back what was bound a moment ago.</summary>
    public void Unbind(WorkloadView workload)
    {
        End(workload.Key, workload.Uid);
        _pending[workload.Key] = workload;
    }

    /// <summary>The workload ends, wherever it is. False: there is none of that uid.</summary>
    public bool End(ObjectKey key, string uid)
    {
        if (_pending.TryGetValue(key, out var waiting) && waiting.Uid == uid) return _pending.Remove(key);
        if (!_bound.TryGetValue(key, out var bound) || bound.Workload.Uid != uid) return false;
        Forget(bound.Workload);
        if (Snapshot.Find(bound.Host) is { } host) Snapshot = Snapshot.With(host.Without(new HashSet<string> { uid }));
        return true;
    }

    private void Forget(WorkloadView workload)
    {
        _bound.Remove(workload.Key);
        if (workload.Group.Length > 0) _placed[(workload.Key.Namespace, workload.Group)]--;
    }
}
