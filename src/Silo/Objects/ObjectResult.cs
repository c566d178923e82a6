using System.Diagnostics.CodeAnalysis;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects;

internal enum ObjectOutcome
{
    Refused,
    Unchanged,
    Created,
    Configured,

    /// <summary>The object is on its way out: it carries a deletionTimestamp.</summary>
    Terminating,

    /// <summary>The object is gone.</summary>
    Deleted,
}

/// <summary>What became of a request on one object: the object, or why not.</summary>
internal readonly record struct ObjectResult(ObjectOutcome Outcome, StoredObject? Object, ApiError? Error)
{
    [MemberNotNullWhen(true, nameof(Object))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Error is null;

    /// <summary>What of the request has no effect, though nothing is wrong with it.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    public static ObjectResult Of(ObjectOutcome outcome, StoredObject obj) => new(outcome, obj, null);

    public static implicit operator ObjectResult(ApiError error) => new(default, null, error);
}
