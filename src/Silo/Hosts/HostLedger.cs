using Orchestrator.Contracts.Ids;
using Orchestrator.Scheduler;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Hosts;

/// <summary>The workloads of a host and what they take from it. Ended ones take nothing.</summary>
internal sealed class HostLedger
{
    private readonly Dictionary<ObjectKey, Resident> _residents = [];

    public ResourceVector Used { get; private set; }

    public ValueList<Resident> Residents => _residents.Values.ToValueList();

    /// <summary>
    /// Enters the workload as it is now: bound and not ended counts, everything else doesn't. True if the ledger is different: most
    /// changes of a workload are of its status.
    /// </summary>
    public bool Enter(StoredObject workload, string host, Assignments assignments)
    {
        var state = WorkloadState.Of(workload);
        if (state.Host != host || state.Ended) return Drop(workload.Key);
        var resident = Resident.Of(assignments.View(workload));
        if (_residents.TryGetValue(workload.Key, out var before) && before == resident) return false;
        Add(resident);
        return true;
    }

    public void Add(Resident resident)
    {
        Drop(resident.Key);
        _residents[resident.Key] = resident;
        Used += resident.Requests;
    }

    public void Remove(ObjectKey key, string uid)
    {
        if (_residents.TryGetValue(key, out var resident) && resident.Uid == uid) Drop(key);
    }

    public void Clear()
    {
        _residents.Clear();
        Used = default;
    }

    public bool Drop(ObjectKey key)
    {
        if (!_residents.Remove(key, out var resident)) return false;
        Used -= resident.Requests;
        return true;
    }
}
