using System.Collections.Immutable;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Configuration;
using Orchestrator.NodeAgent.Drivers.Machine;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.NodeAgent.Drivers;

internal enum RestartPolicy
{
    Always,
    OnFailure,
    Never,

    /// <summary>It shall not run.</summary>
    Halted,
}

internal enum PullPolicy
{
    Always,
    IfNotPresent,
    Never,
}

internal enum UnitRole
{
    /// <summary>What the workload is there for.</summary>
    Main,

    /// <summary>Runs to its success before the next unit starts.</summary>
    Init,

    /// <summary>Starts in its turn among the init units and runs until the main ones have ended.</summary>
    Sidecar,
}

/// <summary>One thing that a workload runs: a container of a pod, or the guest of a machine.</summary>
internal sealed record DesiredUnit(string Name, string Image, PullPolicy Pull, UnitRole Role = UnitRole.Main)
{
    /// <summary>Of what else it is made: a machine's disks.</summary>
    public ImmutableArray<string> MoreImages { get; init; } = [];
}

/// <summary>How a machine that runs shall be: paused or not, and the last time its power shall have been cycled.</summary>
internal sealed record DesiredPower(bool Paused, PowerCycle? Cycle);

/// <summary>What shall run, converted once from the silo's <see cref="Assignment"/>. Exactly one of Pod and Machine is set.</summary>
internal sealed record DesiredWorkload
{
    public const string MachineUnit = "machine";
    public const int DefaultGraceSeconds = 30;

    public required WorkloadId Id { get; init; }
    public required string RuntimeHandler { get; init; }
    public required RestartPolicy Restart { get; init; }

    /// <summary>In the order in which they start.</summary>
    public required ImmutableArray<DesiredUnit> Units { get; init; }
    public required TimeSpan Grace { get; init; }
    public required bool Deleting { get; init; }
    public string? TraceParent { get; init; }
    public Pod? Pod { get; init; }

    /// <summary>What a pod's variables and volumes are made of, and a machine's files for cloud-init.</summary>
    public PodSources Sources { get; init; } = PodSources.None;
    public VirtualMachine? Machine { get; init; }

    /// <summary>Machines only.</summary>
    public DesiredPower? Power { get; init; }

    /// <summary>The names of those that a machine shall have.</summary>
    public ImmutableArray<string> Snapshots { get; init; } = [];

    /// <summary>Machines only: those whose size the object says.</summary>
    public ImmutableArray<DiskSize> Disks { get; init; } = [];

    /// <summary>When it must have ended, counted from its start here; null if it may take its time or has not begun.</summary>
    public DateTimeOffset? Deadline(WorkloadSnapshot seen) => Pod is { Spec.HasActiveDeadlineSeconds: true } pod
        ? (pod.Status?.StartTime?.ToDateTimeOffset() ?? seen.CreatedAt)?.AddSeconds(pod.Spec.ActiveDeadlineSeconds)
        : null;

    /// <summary>
    /// Null if the assignment holds no workload, or one whose names could not stand in a path: the API lets none through,
    /// and everything here hangs on them.
    /// </summary>
    public static DesiredWorkload? From(Assignment assignment) => assignment.WorkloadCase switch
    {
        Assignment.WorkloadOneofCase.Pod when assignment.Pod is { Metadata: { } meta, Spec: { } spec }
            && IsSound(meta) && spec.Containers.Count > 0 && PodContainers.All(spec).All(container => PathSegment.IsOne(container.Name))
            && spec.Volumes.All(volume => PathSegment.IsOne(volume.Name) && !volume.Name.StartsWith('.'))
            => FromPod(assignment.Pod, assignment),
        Assignment.WorkloadOneofCase.VirtualMachine when assignment.VirtualMachine is { Metadata: { } meta, Spec: not null } && IsSound(meta)
            => FromMachine(assignment.VirtualMachine, assignment),
        _ => null,
    };

    private static DesiredWorkload FromPod(Pod pod, Assignment assignment) => new()
    {
        Id = IdOf(WorkloadKind.Pod, pod.Metadata),
        RuntimeHandler = assignment.RuntimeHandler,
        Restart = pod.Spec.RestartPolicy switch
        {
            "Never" => RestartPolicy.Never,
            "OnFailure" => RestartPolicy.OnFailure,
            _ => RestartPolicy.Always,
        },
        Units = [.. pod.Spec.InitContainers.Select(c => UnitOf(c, PodContainers.IsSidecar(c) ? UnitRole.Sidecar : UnitRole.Init)),
            .. pod.Spec.Containers.Select(c => UnitOf(c, UnitRole.Main))],
        Grace = GraceOf(pod.Metadata, pod.Spec.HasTerminationGracePeriodSeconds ? pod.Spec.TerminationGracePeriodSeconds : null),
        Deleting = pod.Metadata.DeletionTimestamp is not null,
        TraceParent = assignment.Traceparent,
        Pod = pod,
        Sources = new PodSources(assignment.Sources),
    };

    private static DesiredWorkload FromMachine(VirtualMachine machine, Assignment assignment) => new()
    {
        Id = IdOf(WorkloadKind.VirtualMachine, machine.Metadata),
        RuntimeHandler = assignment.RuntimeHandler,
        Restart = machine.Spec.RunStrategy switch
        {
            "Halted" => RestartPolicy.Halted,
            "RerunOnFailure" => RestartPolicy.OnFailure,
            _ => RestartPolicy.Always,
        },
        // A machine image of `latest` is not pulled at each start: a disk is made of it once.
        Units = [new DesiredUnit(MachineUnit, machine.Spec.Image, PullPolicyOf(
            machine.Spec.ImagePullPolicy.Length > 0 ? machine.Spec.ImagePullPolicy : "IfNotPresent", machine.Spec.Image))
        {
            MoreImages = [.. machine.Spec.Disks.Select(disk => disk.Image).Where(image => image.Length > 0).Distinct()],
        }],
        Grace = GraceOf(machine.Metadata, machine.Spec.HasTerminationGracePeriodSeconds ? machine.Spec.TerminationGracePeriodSeconds : null),
        Deleting = machine.Metadata.DeletionTimestamp is not null,
        TraceParent = assignment.Traceparent,
        Machine = machine,
        Sources = new PodSources(assignment.Sources),
        Disks = [.. DomainSpecs.SizesOf(machine.Spec)],
        Snapshots = [.. machine.Spec.Snapshots.Select(snapshot => snapshot.Name)],
        Power = new DesiredPower(machine.Spec.Paused, machine.Spec.PowerCycle),
    };

    private static DesiredUnit UnitOf(Container container, UnitRole role)
        => new(container.Name, container.Image, PullPolicyOf(container.ImagePullPolicy, container.Image), role);

    private static bool IsSound(ObjectMeta meta) => PathSegment.IsOne(meta.Namespace) && PathSegment.IsOne(meta.Name) && PathSegment.IsOne(meta.Uid);

    private static WorkloadId IdOf(WorkloadKind kind, ObjectMeta meta) => new(kind, meta.Namespace, meta.Name, meta.Uid);

    private static TimeSpan GraceOf(ObjectMeta meta, long? seconds)
        => TimeSpan.FromSeconds(Math.Clamp(meta.HasDeletionGracePeriodSeconds ? meta.DeletionGracePeriodSeconds : seconds ?? DefaultGraceSeconds, 0, int.MaxValue));

    private static PullPolicy PullPolicyOf(string policy, string image) => policy switch
    {
        "Always" => PullPolicy.Always,
        "Never" => PullPolicy.Never,
        "IfNotPresent" => PullPolicy.IfNotPresent,
        _ => Images.ImageReference.IsLatest(image) ? PullPolicy.Always : PullPolicy.IfNotPresent,
    };
}
