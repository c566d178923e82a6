using Orchestrator.Contracts.Ids;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Scheduling;

namespace Orchestrator.Silo.Workloads;

/// <summary>
/// What pods and machines have in common.
/// <code>
///              bind (scheduler → host)              report
///   unbound ───────────────────────────► bound ───────────────► bound, with a status
///      │ delete: the pipeline removes it   │ delete: deletionTimestamp      │
///      ▼                                   ▼                                ▼
///    gone ◄──────────────── terminating: the host ends it and says that it is gone
/// </code>
/// A step is repeated until its effect shows in the object; every step is safe to take twice.
/// </summary>
internal abstract class WorkloadGrain(ObjectCache cache, ObjectEditor editor) : Grain, IWorkloadGrain
{
    private ObjectKey? _key;

    protected ObjectCache Cache => cache;

    protected ObjectEditor Editor => editor;

    protected ObjectKey Key => _key ??= ObjectKey.Parse(this.GetPrimaryKeyString());

    public async Task Wake()
    {
        if (cache.Find(Key) is not { } present) return;
        var state = WorkloadState.Of(present);
        if (state.Bound) await GrainFactory.GetGrain<IHostGrain>(state.Host).Assign(Key.ToString());
        else if (!state.Ended && !await IsHeld(present)) await GrainFactory.GetGrain<ISchedulerGrain>(SchedulerGrain.Default).Enqueue([Key.ToString()]);
    }

    public async Task Deleted(string host, string uid)
    {
        if (host.Length > 0) await GrainFactory.GetGrain<IHostGrain>(host).Unassign(Key.ToString(), uid);
        await GrainFactory.GetGrain<ISchedulerGrain>(SchedulerGrain.Default).Forget(Key.ToString(), uid);
        if (cache.Find(Key) is null) DeactivateOnIdle();
    }

    public async Task<bool> Report(WorkloadStatusReport report)
    {
        if (cache.Find(Key) is not { } present || present.Uid != report.Uid) return true;
        if (WorkloadState.Of(present).Host != report.Host) return true;
        return await WriteStatus(report) is not null || cache.Find(Key)?.Uid != report.Uid;
    }

    public async Task Gone(string host, string uid)
    {
        if (cache.Find(Key) is not { Terminating: true } present || present.Uid != uid) return;
        if (WorkloadState.Of(present).Host != host) return;
        if (present.Metadata.Finalizers.Count == 0) await editor.Remove(Key, uid);
        else await EndGrace(uid);
    }

    /// <summary>Whether it is not ready for the scheduler; then it says why in its status, and is woken when that may have changed.</summary>
    protected virtual Task<bool> IsHeld(StoredObject present) => Task.FromResult(false);

    /// <summary>Nothing runs any more; what still holds the object are its finalizers, and with the last of them it goes.</summary>
    protected abstract Task EndGrace(string uid);

    /// <summary>Takes over the host's status; what the control plane owns in it stays. Null if it is not stored.</summary>
    protected abstract Task<StoredObject?> WriteStatus(WorkloadStatusReport report);
}
