namespace Orchestrator.Scheduler;

/// <summary>
/// Hosts by their labels and their name: every requirement must hold; a term without any matches no host, as in Kubernetes.
/// </summary>
public sealed record HostTerm(ValueList<LabelRequirement> Labels, ValueList<LabelRequirement> Names = default)
{
    public override string ToString() => string.Join(',', Labels.Concat(Names));
}

/// <summary>A term that is only preferred.</summary>
public sealed record PreferredHosts(int Weight, HostTerm Term);

/// <summary>The hosts that a workload's node affinity requires: one of the terms is enough. Absent, all hosts are.</summary>
public sealed record RequiredHosts(ValueList<HostTerm> Terms)
{
    public override string ToString() => string.Join(" or ", Terms);
}
