using System.Diagnostics;
using Google.Protobuf;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Store;

/// <summary>
/// A wish to change one key, if it still is at the version the writer has seen. <see cref="Message"/> null deletes.
/// </summary>
internal sealed record Write(ObjectKey Key, Kind Kind, Revision Expected, IMessage? Message, string RequestId = "")
{
    /// <summary>Where in a trace the write was asked for; the change feed carries it on.</summary>
    public ActivityContext Trace { get; } = Activity.Current?.Context ?? default;

    public static Write Create(ObjectKey key, Kind kind, IMessage message, string requestId = "") => new(key, kind, Revision.None, message, requestId);

    public static Write Update(StoredObject seen, IMessage message, string requestId = "") => new(seen.Key, seen.Kind, seen.Revision, message, requestId);

    public static Write Delete(StoredObject seen, string requestId = "") => new(seen.Key, seen.Kind, seen.Revision, null, requestId);
}

/// <summary>How a write ended. Every outcome but Committed and Repeated has changed nothing.</summary>
internal enum WriteOutcome
{
    Committed,

    /// <summary>A write with this request id was committed before; the result is that one's.</summary>
    Repeated,

    /// <summary>The key is at another version than expected, gone, or there already.</summary>
    Conflict,

    /// <summary>There is no room in the store.</summary>
    Full,

    /// <summary>Another writer owns the log, or the log failed: whether the write is in it is unknown.</summary>
    Unavailable,
}

/// <summary>The outcome and the object after it: the new version, or what stands in the way of a conflict (null if nothing is there).</summary>
internal readonly record struct WriteResult(WriteOutcome Outcome, StoredObject? Object)
{
    public bool Done => Outcome is WriteOutcome.Committed or WriteOutcome.Repeated;
}
