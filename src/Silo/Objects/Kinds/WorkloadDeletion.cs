using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>How a workload goes: at once where no host runs it, otherwise when its host says that nothing of it is left.</summary>
internal static class WorkloadDeletion
{
    /// <summary>A second delete may only shorten the grace. Zero seconds asked for means: forget it now, the host cleans up.</summary>
    public static long? GraceSeconds(StoredObject obj, long wanted)
    {
        var state = WorkloadState.Of(obj);
        if (!state.Bound) return null;
        var metadata = obj.Metadata;
        var seconds = Math.Max(0, state.Ended ? Math.Min(1, wanted) : wanted);
        if (metadata.DeletionTimestamp is not null && metadata.HasDeletionGracePeriodSeconds) seconds = Math.Min(seconds, metadata.DeletionGracePeriodSeconds);
        return seconds == 0 ? null : seconds;
    }
}
