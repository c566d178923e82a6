namespace Orchestrator.NodeAgent.Assignments.Hooks;

/// <summary>
/// One part of a workload's life on its host. The hooks of a workload stand in one ordered list; a later one runs
/// only when those before it are content. Both methods look before they act, and both may be cut off anywhere.
/// </summary>
internal interface IWorkloadHook
{
    string Name { get; }

    /// <summary>Brings its part to what is desired, as far as that goes now.</summary>
    Task<HookResult> EnsureAsync(WorkloadContext context, CancellationToken cancellation);

    /// <summary>Undoes its part; safe when there is nothing to undo.</summary>
    Task TeardownAsync(WorkloadContext context, CancellationToken cancellation);
}

/// <summary>Whether the next hook may go on, and when to look again though nothing has told of a change.</summary>
internal readonly record struct HookResult(bool Content, DateTimeOffset? LookAgainAt)
{
    public static readonly HookResult Done = new(true, null);

    public static HookResult DoneUntil(DateTimeOffset? lookAgainAt) => new(true, lookAgainAt);

    public static HookResult Blocked(DateTimeOffset lookAgainAt) => new(false, lookAgainAt);
}
