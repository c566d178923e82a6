namespace Orchestrator.Scheduler;

/// <summary>What can happen that may let a workload fit that did not. Each feasibility rule names those that can change its verdict.</summary>
[Flags]
public enum ClusterEvents
{
    None = 0,

    /// <summary>A host came, or one of its labels, taints, resources, classes or its readiness changed.</summary>
    HostChanged = 1,

    /// <summary>A workload ended or is gone: its room, its ports and its place are free.</summary>
    WorkloadGone = 2,

    /// <summary>A workload got a host: others may want to be near it, or may be even again.</summary>
    WorkloadPlaced = 4,

    /// <summary>A group came or changed, or has a member more.</summary>
    GroupChanged = 8,

    /// <summary>Nobody knows; everything is looked at again.</summary>
    Anything = HostChanged | WorkloadGone | WorkloadPlaced | GroupChanged,
}
