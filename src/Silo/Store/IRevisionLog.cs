using Orchestrator.Contracts.Ids;

namespace Orchestrator.Silo.Store;

/// <summary>
/// The truth: an append-only log with consecutive revisions and one fenced writer. The sequencer calls it, from one thread;
/// it owns the durable form and must never acknowledge what a crash could lose. SQLite and memory implement it, and one
/// conformance kit holds both to it.
/// </summary>
internal interface IRevisionLog : IDisposable
{
    /// <summary>Becomes the log's writer: raises the epoch, which fences every earlier writer.</summary>
    LogState Open();

    /// <summary>
    /// Appends records whose revisions follow the log's last one without a gap, all or nothing, and returns once they are durable.
    /// </summary>
    AppendOutcome Append(IReadOnlyList<LogRecord> records, IReadOnlyList<AcknowledgedRequest> requests);

    /// <summary>The newest record of every key that exists, by revision.</summary>
    IEnumerable<LogRecord> ReadCurrent();

    /// <summary>Records with a revision above <paramref name="after"/>, by revision.</summary>
    IEnumerable<LogRecord> ReadAfter(Revision after);

    /// <summary>The request with this id, if it has written something and is not too old to be kept.</summary>
    AcknowledgedRequest? FindRequest(string id);

    /// <summary>
    /// Drops what a record up to this revision has superseded, and requests from before a time (in whole seconds). The newest version of
    /// each key stays, and so does whole the history after the revision.
    /// </summary>
    /// <returns>False if there was no room to do it; nothing has changed.</returns>
    bool Compact(Revision upTo, DateTimeOffset requestsBefore);
}

/// <summary>What a log says when it is opened. Records up to <see cref="Compacted"/> may be missing.</summary>
internal readonly record struct LogState(long Epoch, Revision Last, Revision Compacted);

/// <summary>A request that has written, what it was about, and the key that it has written: its repetition gets the same answer.</summary>
internal readonly record struct AcknowledgedRequest(string Id, string Target, DateTimeOffset At, Revision Revision, ObjectKey Key)
{
    /// <summary>Whether this is the same request, and not another one with the same id.</summary>
    public bool IsRepeatedBy(ClientRequest request) => Target == request.Target;
}

internal enum AppendOutcome
{
    Committed,

    /// <summary>Another writer has taken the log over; this one must stop.</summary>
    Fenced,

    /// <summary>There is no room; nothing was written and reads go on.</summary>
    Full,
}
