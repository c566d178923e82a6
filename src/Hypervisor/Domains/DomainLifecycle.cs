namespace Orchestrator.Hypervisor.Domains;

internal enum DomainPhase
{
    Created,
    Starting,
    Running,

    /// <summary>Its processes stand still.</summary>
    Paused,
    Stopping,

    /// <summary>As stopping, and then it starts again.</summary>
    Restarting,
    Stopped,
    Failed,

    /// <summary>Being erased. On the wire it doesn't exist any more.</summary>
    Destroying,
}

internal enum DomainEvent
{
    StartAsked,

    /// <summary>With a grace period.</summary>
    StopAsked,
    KillAsked,

    /// <summary>With a grace period.</summary>
    RestartAsked,
    ResetAsked,
    PauseAsked,
    ResumeAsked,
    DestroyAsked,

    /// <summary>No phase follows from these three.</summary>
    SnapshotAsked,
    SnapshotRemovalAsked,
    GrowthAsked,
    LaunchFailed,

    /// <summary>The engine's control socket answers.</summary>
    EngineReady,

    /// <summary>It didn't answer in time.</summary>
    EngineUnresponsive,
    GraceOver,
    EngineEnded,
}

internal enum DomainEffect
{
    None,
    Launch,

    /// <summary>Ask the guest to shut down, which it can't while it stands still, and let <see cref="DomainEvent.GraceOver"/> follow.</summary>
    AskShutdown,

    /// <summary>Asked again: only the grace period changes.</summary>
    RenewGrace,
    Kill,
    Freeze,
    Thaw,
    Erase,
}

/// <summary>What follows from an event. A refusal changes nothing.</summary>
internal readonly record struct Transition(DomainPhase Next, DomainEffect Effect, string? Refusal = null);

/// <summary>
/// The life of a domain. Pure: one owner (<see cref="Domain"/>) feeds it and carries out the effect.
/// <code>
///             start           ready            stop              ended
///   CREATED ────────► STARTING ───► RUNNING ─────────► STOPPING ───────► STOPPED
///                      │   ▲  └────── stop ──────────────▲  │              │
///   launch failed,     │   │                                └ grace over:  │ start
///   ended, no answer   ▼   │ start                            kill, wait   │
///                    FAILED┘◄─ ─ ─ ─ ─ ─ ─ ─ (STARTING) ◄──────────────────┘
///
///             pause               restart, reset                ended
///   RUNNING ─────────► PAUSED ─────────────────► RESTARTING ─────────────► STARTING
///      │  ◄──────────    │   (of RUNNING and STARTING too)│ grace over: kill
///      │     resume      └─ stop ─► STOPPING ◄── stop ────┘
///
///   destroy, from anywhere: DESTROYING (kill and wait for the end if it lives), then gone.
/// </code>
/// Whatever ends a running engine, the phase changes only when the engine's process has really ended: STOPPED is a promise that
/// nothing of it runs any more, so that the same machine may be started elsewhere.
/// </summary>
internal static class DomainLifecycle
{
    public static bool HasEngine(DomainPhase phase) => phase is
        DomainPhase.Starting or DomainPhase.Running or DomainPhase.Paused or DomainPhase.Stopping or DomainPhase.Restarting;

    public static Transition Next(DomainPhase phase, DomainEvent happened) => happened switch
    {
        DomainEvent.StartAsked => Start(phase),
        DomainEvent.StopAsked => Stop(phase, DomainEffect.AskShutdown),
        DomainEvent.KillAsked => Stop(phase, DomainEffect.Kill),
        DomainEvent.RestartAsked => Restart(phase, DomainEffect.AskShutdown),
        DomainEvent.ResetAsked => Restart(phase, DomainEffect.Kill),
        DomainEvent.PauseAsked => Pause(phase),
        DomainEvent.ResumeAsked => Resume(phase),
        DomainEvent.DestroyAsked => Destroy(phase),
        DomainEvent.SnapshotAsked or DomainEvent.SnapshotRemovalAsked or DomainEvent.GrowthAsked =>
            new(phase, DomainEffect.None, phase is DomainPhase.Destroying ? "it is being destroyed" : null),
        DomainEvent.LaunchFailed => new(phase is DomainPhase.Starting ? DomainPhase.Failed : phase, DomainEffect.None),
        DomainEvent.EngineReady => new(phase is DomainPhase.Starting ? DomainPhase.Running : phase, DomainEffect.None),
        DomainEvent.EngineUnresponsive => new(phase, phase is DomainPhase.Starting ? DomainEffect.Kill : DomainEffect.None),
        DomainEvent.GraceOver => new(phase, phase is DomainPhase.Stopping or DomainPhase.Restarting ? DomainEffect.Kill : DomainEffect.None),
        DomainEvent.EngineEnded => Ended(phase),
        _ => throw new ArgumentOutOfRangeException(nameof(happened), happened, null),
    };

    private static Transition Start(DomainPhase phase) => phase switch
    {
        DomainPhase.Created or DomainPhase.Stopped or DomainPhase.Failed => new(DomainPhase.Starting, DomainEffect.Launch),
        DomainPhase.Starting or DomainPhase.Running or DomainPhase.Paused or DomainPhase.Restarting => new(phase, DomainEffect.None),
        DomainPhase.Stopping => new(phase, DomainEffect.None, "it is being stopped"),
        _ => new(phase, DomainEffect.None, "it is being destroyed"),
    };

    private static Transition Stop(DomainPhase phase, DomainEffect how) => phase switch
    {
        DomainPhase.Starting or DomainPhase.Running or DomainPhase.Paused => new(DomainPhase.Stopping, how),
        DomainPhase.Stopping or DomainPhase.Restarting => new(DomainPhase.Stopping, how is DomainEffect.Kill ? how : DomainEffect.RenewGrace),
        _ => new(phase, DomainEffect.None),
    };

    private static Transition Restart(DomainPhase phase, DomainEffect how) => phase switch
    {
        DomainPhase.Starting or DomainPhase.Running or DomainPhase.Paused => new(DomainPhase.Restarting, how),
        DomainPhase.Restarting => new(phase, how is DomainEffect.Kill ? how : DomainEffect.RenewGrace),
        _ => new(phase, DomainEffect.None, "it doesn't run"),
    };

    private static Transition Pause(DomainPhase phase) => phase switch
    {
        DomainPhase.Running => new(DomainPhase.Paused, DomainEffect.Freeze),
        DomainPhase.Paused => new(phase, DomainEffect.None),
        _ => new(phase, DomainEffect.None, "only a running domain can be paused"),
    };

    private static Transition Resume(DomainPhase phase) => phase switch
    {
        DomainPhase.Paused => new(DomainPhase.Running, DomainEffect.Thaw),
        DomainPhase.Starting or DomainPhase.Running => new(phase, DomainEffect.None),
        _ => new(phase, DomainEffect.None, "it is not paused"),
    };

    private static Transition Destroy(DomainPhase phase) => phase switch
    {
        DomainPhase.Destroying => new(phase, DomainEffect.None),
        _ => new(DomainPhase.Destroying, HasEngine(phase) ? DomainEffect.Kill : DomainEffect.Erase),
    };

    private static Transition Ended(DomainPhase phase) => phase switch
    {
        DomainPhase.Starting => new(DomainPhase.Failed, DomainEffect.None),
        DomainPhase.Running or DomainPhase.Paused or DomainPhase.Stopping => new(DomainPhase.Stopped, DomainEffect.None),
        DomainPhase.Restarting => new(DomainPhase.Starting, DomainEffect.Launch),
        DomainPhase.Destroying => new(phase, DomainEffect.Erase),
        _ => new(phase, DomainEffect.None),
    };
}
