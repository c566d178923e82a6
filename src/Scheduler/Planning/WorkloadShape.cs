namespace Orchestrator.Scheduler.Planning;

/// <summary>
/// All of a workload that rules look at. Workloads of equal shape form one class: every host treats them alike, so the
/// class is filtered and scored once.
/// </summary>
internal sealed record WorkloadShape(HostDemand Demand, WorkloadTraits Traits, ValueList<SpreadConstraint> Spread)
{
    public static WorkloadShape Of(WorkloadView workload) => new(HostDemand.Of(workload), workload.Traits, workload.Spread);
}

/// <summary>
/// What a workload asks of a host itself, whatever is elsewhere. Replicas of many owners ask the same: they differ only in what they are
/// to others, so they share the scores of hosts.
/// </summary>
internal sealed record HostDemand(
    ResourceVector Requests, string NodeName, ValueList<Label> Selector, ValueList<TaintToleration> Tolerations, string RuntimeClass,
    ValueList<HostPort> Ports, RequiredHosts? RequiredHosts, ValueList<PreferredHosts> PreferredHosts,
    ValueList<string> Images, string Architecture, ValueList<string> Gates, string SchedulerName)
{
    public static HostDemand Of(WorkloadView workload) => new(
        workload.Requests, workload.NodeName, workload.Selector, workload.Tolerations, workload.RuntimeClass,
        workload.Traits.Ports, workload.RequiredHosts, workload.PreferredHosts,
        workload.Images, workload.Architecture, workload.Gates, workload.SchedulerName);
}
