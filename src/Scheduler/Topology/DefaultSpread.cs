namespace Orchestrator.Scheduler.Topology;

/// <summary>
/// How the workloads of one owner spread that says nothing of it: over hosts, and over zones where there are any. Kubernetes' figures.
/// What is spread is chosen by the owner, not by a selector.
/// </summary>
internal static class DefaultSpread
{
    public static readonly SpreadConstraint[] Constraints =
    [
        new(HostTopology.HostNameKey, 3, Required: false, Selection: null),
        new("topology.kubernetes.io/zone", 5, Required: false, Selection: null),
    ];
}
