using System.Collections.Immutable;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.NodeAgent.Drivers;

internal enum UnitState
{
    Created,
    Running,
    Exited,
}

/// <summary>Why a run that goes on shall end, and how much time it gets instead of the workload's grace period.</summary>
internal sealed record UnitFault(string Why, TimeSpan? Grace);

/// <summary>One run of a unit as the runtime remembers it. A restart is a new run with the next attempt number.</summary>
internal sealed record UnitRun
{
    public required string Unit { get; init; }
    public required int Attempt { get; init; }
    public required string Id { get; init; }
    public required UnitState State { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public int ExitCode { get; init; }
    public string Reason { get; init; } = "";
    public string Message { get; init; } = "";

    /// <summary>The image as the object names it.</summary>
    public string Image { get; init; } = "";

    /// <summary>What that name meant when the run was made.</summary>
    public string ImageId { get; init; } = "";

    /// <summary>False if it ran in an environment that is no more: what it prepared there is gone with it.</summary>
    public bool InEnvironment { get; init; } = true;

    /// <summary>While it runs: whether it has come up, and whether it can serve. Probes say so; without any, running is enough.</summary>
    public bool Started { get; init; } = true;

    public bool Ready { get; init; } = true;

    public UnitFault? Fault { get; init; }

    /// <summary>How many restarts in a row led to this run; it sets the delay before the next.</summary>
    public int BackOffStep { get; init; }
}

internal enum EnvironmentState
{
    Absent,
    Ready,

    /// <summary>Something of it is left, but nothing can run in it any more.</summary>
    Lost,
}

/// <summary>What the runtime says of one workload: the environment that its units share, and their runs, the newest first.</summary>
internal sealed record WorkloadSnapshot
{
    public required WorkloadId Id { get; init; }
    public EnvironmentState Environment { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public ImmutableArray<string> Addresses { get; init; } = [];
    public ImmutableArray<UnitRun> Runs { get; init; } = [];
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(DesiredWorkload.DefaultGraceSeconds);

    /// <summary>Machines only.</summary>
    public DomainInfo? Domain { get; init; }

    /// <summary>Machines only.</summary>
    public ImmutableArray<MachineInterfaceStatus> Interfaces { get; init; } = [];

    /// <summary>Machines only.</summary>
    public SeenPower? Power { get; init; }

    /// <summary>Of a machine's disks.</summary>
    public ImmutableArray<SnapshotStatus> Snapshots { get; init; } = [];

    /// <summary>A machine's, those whose size its domain was told.</summary>
    public ImmutableArray<DiskSize> Disks { get; init; } = [];

    public UnitRun? Latest(string unit) => Runs.FirstOrDefault(run => run.Unit == unit);

    public bool IsAbsent => Environment == EnvironmentState.Absent && Runs.IsEmpty;
}

/// <summary>A disk of a machine and how large it is, or shall be.</summary>
internal readonly record struct DiskSize(string Disk, long Bytes);

/// <summary>Whether a machine stands still, whether its power is being cycled, and the id of the last cycle that was begun.</summary>
internal sealed record SeenPower(bool Paused, bool Restarting, string CycleId);

/// <summary>One line of a list: enough to see that a workload is there and whether it has changed.</summary>
internal readonly record struct WorkloadSummary(WorkloadId Id, string Signature);
