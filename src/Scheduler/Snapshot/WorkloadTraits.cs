namespace Orchestrator.Scheduler;

/// <summary>
/// What a workload is to the others: where terms and constraints look for it, and what it itself wants of those beside it. Many
/// workloads have the same traits (the replicas of one owner); a snapshot keeps them once and counts.
/// </summary>
public sealed record WorkloadTraits
{
    public static readonly WorkloadTraits None = new();

    private int _hash;

    public WorkloadTraits()
    {
    }

    /// <summary>For `with`: all but the hash, which is that of the other's values.</summary>
    private WorkloadTraits(WorkloadTraits other) =>
        (Namespace, Labels, Owner, Terminating, Affinity, AntiAffinity, Preferred, Ports) =
        (other.Namespace, other.Labels, other.Owner, other.Terminating, other.Affinity, other.AntiAffinity, other.Preferred, other.Ports);

    public string Namespace { get; init; } = "";
    public ValueList<Label> Labels { get; init; }

    /// <summary>The uid of the object that controls it; empty if none does.</summary>
    public string Owner { get; init; } = "";

    /// <summary>It is about to end: it still keeps others away, but no longer counts where workloads are spread.</summary>
    public bool Terminating { get; init; }

    /// <summary>It must be where a workload of each term is.</summary>
    public ValueList<WorkloadTerm> Affinity { get; init; }

    /// <summary>It must not be where a workload of any term is, nor such a one come to it.</summary>
    public ValueList<WorkloadTerm> AntiAffinity { get; init; }

    public ValueList<WeightedTerm> Preferred { get; init; }

    public ValueList<HostPort> Ports { get; init; }

    /// <summary>The name of the PodGroup that it belongs to, by its label; empty if to none.</summary>
    public string Group => Selection.ValueOf(Labels, WorkloadView.GroupLabel) ?? "";

    /// <summary>True if it says something about the workloads beside it.</summary>
    public bool HasTerms => Affinity.Count + AntiAffinity.Count + Preferred.Count > 0;

    public bool Equals(WorkloadTraits? other) =>
        ReferenceEquals(this, other)
        || (other is not null && GetHashCode() == other.GetHashCode()
            && Namespace == other.Namespace && Labels == other.Labels && Owner == other.Owner && Terminating == other.Terminating
            && Affinity == other.Affinity && AntiAffinity == other.AntiAffinity && Preferred == other.Preferred && Ports == other.Ports);

    /// <summary>Computed once: it is asked for at every placement.</summary>
    public override int GetHashCode()
    {
        if (_hash == 0) _hash = HashCode.Combine(Namespace, Labels, Owner, Terminating, Affinity, AntiAffinity, Preferred, Ports) | 1;
        return _hash;
    }
}
