namespace Orchestrator.Hypervisor.Domains;

/// <summary>Why a domain is as it is: one word for programs, beside the message for people.</summary>
internal static class Reasons
{
    /// <summary>The guest powered itself off: its workload ended, or it was asked to.</summary>
    public const string GuestShutdown = "GuestShutdown";

    /// <summary>dom0 killed it, at once or after the grace period.</summary>
    public const string Killed = "Killed";

    public const string EngineCrashed = "EngineCrashed";

    public const string OutOfMemory = "OutOfMemory";

    /// <summary>It ended while no dom0 watched.</summary>
    public const string EndedUnwatched = "EndedUnwatched";

    public const string HostRestarted = "HostRestarted";

    public const string LaunchFailed = "LaunchFailed";

    /// <summary>The engine ran, but its control socket never answered.</summary>
    public const string EngineUnresponsive = "EngineUnresponsive";

    public const string JournalUnreadable = "JournalUnreadable";

    public const string Destroyed = "Destroyed";
}
