using Orchestrator.Agents.V1;

namespace Orchestrator.NodeAgent.Drivers;

internal enum WorkloadKind
{
    Pod,
    VirtualMachine,
}

/// <summary>Which workload. Two are the same if kind and uid are; the names are for people and for labels.</summary>
internal readonly record struct WorkloadId(WorkloadKind Kind, string Namespace, string Name, string Uid)
{
    public bool Equals(WorkloadId other) => Kind == other.Kind && Uid == other.Uid;

    public override int GetHashCode() => HashCode.Combine(Kind, Uid);

    public static WorkloadId From(WorkloadRef reference) => new(
        reference.Kind == WorkloadRef.Types.Kind.Pod ? WorkloadKind.Pod : WorkloadKind.VirtualMachine,
        reference.Namespace, reference.Name, reference.Uid);

    public WorkloadRef ToReference() => new()
    {
        Kind = Kind == WorkloadKind.Pod ? WorkloadRef.Types.Kind.Pod : WorkloadRef.Types.Kind.VirtualMachine,
        Namespace = Namespace,
        Name = Name,
        Uid = Uid,
    };

    public override string ToString() => $"{(Kind == WorkloadKind.Pod ? "pod" : "vm")} {Namespace}/{Name} ({Uid})";
}
