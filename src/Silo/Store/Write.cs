using System.Diagnostics;
using Google.Protobuf;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Store;

/// <summary>
/// A wish to change one key, if it still is at the version the writer has seen. <see cref="Message"/> null deletes.
/// </summary>
internal sealed record Write(ObjectKey Key, Kind Kind, Revision Expected, IMessage? Message, ClientRequest Request = default)
{
    /// <summary>Where in a trace the write was asked for; the change feed carries it on.</summary>
    public ActivityContext Trace { get; } = Activity.Current?.Context ?? default;

    public static Write Create(ObjectKey key, Kind kind, IMessage message, ClientRequest request = default) => new(key, kind, Revision.None, message, request);

    public static Write Update(StoredObject seen, IMessage message, ClientRequest request = default) => new(seen.Key, seen.Kind, seen.Revision, message, request);

    public static Write Delete(StoredObject seen, ClientRequest request = default) => new(seen.Key, seen.Kind, seen.Revision, null, request);
}

/// <summary>
/// The id by which a client may repeat a request without writing twice, and what the request is about as the client said it: a verb and
/// its target. No id where the client gave none.
/// </summary>
internal readonly record struct ClientRequest(string Id, string Target)
{
    public bool IsRepeatable => Id?.Length > 0;
}

/// <summary>How a write ended. Every outcome but Committed and Repeated has changed nothing.</summary>
internal enum WriteOutcome
{
    Committed,

    /// <summary>A write with this request id was committed before; the result is that one's.</summary>
    Repeated,

    /// <summary>A write with this request id was committed before, for another request.</summary>
    OtherRequest,

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
