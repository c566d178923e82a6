using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Objects;

/// <summary>How a write is to be done. The same <see cref="RequestId"/> never writes twice; empty means the caller gave none.</summary>
/// <param name="FieldManager">Who the writer is, for the record of who owns which field.</param>
/// <param name="Force">Whether an apply takes fields from other managers.</param>
internal sealed record RequestOptions(bool DryRun = false, string RequestId = "", string FieldManager = "", bool Force = false)
{
    public static readonly RequestOptions Default = new();

    private string Target { get; init; } = "";

    public ClientRequest Request => RequestId.Length == 0 ? default : new(RequestId, Target);

    /// <summary>The same, for what the client has asked for: a request id is good for that, and for nothing else.</summary>
    public RequestOptions For(string verb, object target) => RequestId.Length == 0 ? this : this with { Target = $"{verb} {target}" };
}

/// <summary>Under which conditions, and how gently, an object is deleted.</summary>
internal sealed record DeleteOptions(
    long? GracePeriodSeconds = null, string Uid = "", string ResourceVersion = "", bool DryRun = false, string RequestId = "", Propagation? Propagation = null);

/// <summary>What becomes of the objects that an object owns, when it is deleted.</summary>
internal enum Propagation
{
    /// <summary>The owner goes at once, what it owns afterwards.</summary>
    Background,

    /// <summary>The owner goes when everything is gone that it owns and that says that it blocks the owner.</summary>
    Foreground,

    /// <summary>They stay, without this owner.</summary>
    Orphan,
}
