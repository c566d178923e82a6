using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Drivers;

/// <summary>
/// What runs workloads of one kind. Drivers keep nothing that they can't read back from their runtime, so a new
/// agent adopts what an old one left. Every method is idempotent. A broken or absent runtime is an
/// <see cref="Grpc.Core.RpcException"/>; a call that ran out of time has an unknown outcome: look again.
/// What a driver can do beyond this it says by <see cref="ILogSource"/>, <see cref="IExecutor"/>, <see cref="IPortForwarder"/>,
/// <see cref="ICommandRunner"/>, <see cref="IConsoleSource"/>.
/// </summary>
internal interface IWorkloadDriver
{
    WorkloadKind Kind { get; }

    /// <summary>Never throws for a runtime that is away: that is what it reports.</summary>
    Task<DriverFingerprint> FingerprintAsync(CancellationToken cancellation);

    /// <summary>Everything that runs here or has left something behind.</summary>
    Task<IReadOnlyList<WorkloadSummary>> ListAsync(CancellationToken cancellation);

    Task<WorkloadSnapshot> GetAsync(WorkloadId id, CancellationToken cancellation);

    /// <summary>Makes what the units share, for a workload that has no ready environment.</summary>
    Task<StepOutcome> PrepareAsync(DesiredWorkload workload, WorkloadSnapshot snapshot, CancellationToken cancellation);

    /// <summary>Starts one run. A run of that attempt which exists already is started, not made again.</summary>
    Task<StepOutcome> StartAsync(UnitStart start, CancellationToken cancellation);

    /// <summary>Ends one run: asks, waits for the grace period, then forces. Returns when it has ended.</summary>
    Task StopAsync(WorkloadId id, UnitRun run, TimeSpan grace, CancellationToken cancellation);

    /// <summary>Frees what a finished workload still holds (its network, its processes); runs and logs stay readable.</summary>
    Task ReleaseAsync(WorkloadSnapshot snapshot, CancellationToken cancellation);

    /// <summary>Ends by force what still runs and leaves nothing.</summary>
    Task DestroyAsync(WorkloadId id, CancellationToken cancellation);

    /// <summary>Tells which workload may have changed; null means any. Ends with an exception when the runtime goes away.</summary>
    IAsyncEnumerable<WorkloadId?> WatchAsync(CancellationToken cancellation);
}

internal sealed record UnitStart(DesiredWorkload Workload, WorkloadSnapshot Snapshot, DesiredUnit Unit, ImageId Image, int Attempt, int BackOffStep)
{
    /// <summary>Of <see cref="DesiredUnit.MoreImages"/>, each.</summary>
    public IReadOnlyList<ImageId> MoreImages { get; init; } = [];
}

/// <summary>An image on this host: its name in the image store and the digest of its config.</summary>
internal readonly record struct ImageId(string Reference, string Id);

/// <summary>Whether a step worked; if not, in the words that a user reads in the workload's status.</summary>
internal readonly record struct StepOutcome(string Reason, string Message)
{
    public static readonly StepOutcome Done = new("", "");

    public bool Failed => !string.IsNullOrEmpty(Reason);
}

/// <summary>What a driver found: the condition it reports and the runtime classes it answers for.</summary>
internal sealed record DriverFingerprint(
    string Condition,
    bool Ready,
    string Reason,
    string Message,
    string Version,
    IReadOnlyList<NodeRuntimeClass> RuntimeClasses,
    VirtualizationInfo? Virtualization = null);
