namespace Orchestrator.Hypervisor.Domains;

/// <summary>
/// An engine process for certain: a process id is reused, but never with the same start time (clock ticks since boot) in one boot.
/// </summary>
internal sealed record ProcessIdentity(int Pid, long StartTicks, string BootId);

/// <summary>What all disks of a domain held at one moment.</summary>
internal sealed record DomainSnapshot(string Name, DateTimeOffset CreatedAt);

/// <summary>All that dom0 knows of a domain, immutable; each change is a new record, and the journal holds the last one.</summary>
internal sealed record DomainRecord
{
    public required string Id { get; init; }

    /// <summary>Absent only if the journal could not be read.</summary>
    public GuestSpec? Spec { get; init; }

    public required long UserId { get; init; }

    public required DomainPhase Phase { get; init; }

    public string Reason { get; init; } = "";

    public string Message { get; init; } = "";

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>The workload's, as the guest reported it; absent if it didn't.</summary>
    public int? ExitCode { get; init; }

    public int Starts { get; init; }

    /// <summary>The last power cycle that was carried out, by its caller's name for it.</summary>
    public string PowerCycle { get; init; } = "";

    public ProcessIdentity? Process { get; init; }

    /// <summary>Those that all of its disks have; the newest last.</summary>
    public IReadOnlyList<DomainSnapshot> Snapshots { get; init; } = [];

    public IReadOnlyList<long> VcpuThreadIds { get; init; } = [];

    /// <summary>The record after a launch: of a life that begins, or of one that could not, and why.</summary>
    public DomainRecord Launched(ProcessIdentity? process, string? problem, DateTimeOffset now) => this with
    {
        Phase = problem is null ? DomainPhase.Starting : DomainLifecycle.Next(DomainPhase.Starting, DomainEvent.LaunchFailed).Next,
        Reason = problem is null ? "" : Reasons.LaunchFailed,
        Message = problem ?? "",
        Starts = Starts + 1,
        Process = process,
        StartedAt = now,
        StoppedAt = problem is null ? null : now,
        ExitCode = null,
        VcpuThreadIds = [],
    };

    /// <summary>The record after a life's end, and why it ended.</summary>
    public DomainRecord Ended(DomainPhase next, RunEnd end, DateTimeOffset now) => this with
    {
        Phase = next,
        Reason = end.Reason,
        Message = end.Message,
        ExitCode = end.ExitCode,
        StoppedAt = now,
        Process = null,
        VcpuThreadIds = [],
    };
}
