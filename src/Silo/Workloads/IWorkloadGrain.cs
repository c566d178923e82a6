namespace Orchestrator.Silo.Workloads;

/// <summary>
/// One workload, its own controller. The change feed wakes it whenever its object changes; it compares the object with what it has
/// asked of the scheduler and the hosts, and takes one step. It writes the status that hosts report. It is never the record: losing
/// it loses nothing.
/// </summary>
[Alias("orchestrator.IWorkloadGrain")]
internal interface IWorkloadGrain : IGrainWithStringKey
{
    /// <summary>Something about the object may have changed. Idempotent.</summary>
    [Alias("Wake")]
    Task Wake();

    /// <summary>The object is gone from the store; the host it was on has to forget it.</summary>
    [Alias("Deleted")]
    Task Deleted(string host, string uid);

    /// <summary>
    /// A host says how the workload is. Ignored unless the workload is bound to that host and is the one with this uid. False if the
    /// store did not take it: it has to be said again.
    /// </summary>
    [Alias("Report")]
    Task<bool> Report(WorkloadStatusReport report);

    /// <summary>A host says that nothing of the workload is left on it.</summary>
    [Alias("Gone")]
    Task Gone(string host, string uid);
}

[Alias("orchestrator.IPodGrain")]
internal interface IPodGrain : IWorkloadGrain;

[Alias("orchestrator.IVirtualMachineGrain")]
internal interface IVirtualMachineGrain : IWorkloadGrain;

/// <summary>A status as the host's agent encoded it: PodStatus or VirtualMachineStatus.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.WorkloadStatusReport")]
internal sealed record WorkloadStatusReport(
    [property: Id(0)] string Host, [property: Id(1)] string Uid, [property: Id(2)] byte[] Status);
