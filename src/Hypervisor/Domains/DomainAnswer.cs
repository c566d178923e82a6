namespace Orchestrator.Hypervisor.Domains;

internal enum RefusalKind
{
    Invalid,
    NotFound,

    /// <summary>Not in this state, or not while something else is as it is.</summary>
    Precondition,
    Exhausted,

    /// <summary>The host failed: a full disk, a missing tool. Nothing changed.</summary>
    HostFailed,
}

/// <summary>Why a request was not carried out.</summary>
internal sealed record Refusal(RefusalKind Kind, string Message);

/// <summary>The domain as it is after a request, or why there was nothing to do it with.</summary>
internal readonly record struct DomainAnswer(DomainRecord? Record, Refusal? Refusal)
{
    public static implicit operator DomainAnswer(DomainRecord record) => new(record, null);

    public static implicit operator DomainAnswer(Refusal refusal) => new(null, refusal);
}
