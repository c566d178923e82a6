using Orchestrator.Contracts.Ids;

namespace Orchestrator.Scheduler;

/// <summary>
/// A workload that is bound to a host, as far as others must know it. <paramref name="Requests"/> is part of its host's use. Of two
/// of one priority the one with the lower <paramref name="Sequence"/> has been there longer.
/// </summary>
public sealed record Resident(
    ObjectKey Key, string Uid, ResourceVector Requests, WorkloadTraits Traits, int Priority, long Sequence)
{
    public static Resident Of(WorkloadView workload) =>
        new(workload.Key, workload.Uid, workload.Requests, workload.Traits, workload.Priority, workload.Sequence);
}
