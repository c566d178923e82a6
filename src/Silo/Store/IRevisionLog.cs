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

    /// <summary>The key that a request with this id has written, if it is within the window that is kept.</summary>
    ObjectKey? FindRequest(string requestId);

    /// <summary>
    /// Drops what a record up to this revision has superseded, and requests as old. The newest version of each key stays, and so does
    /// whole the history after the revision.
    /// </summary>
    /// <returns>False if there was no room to do it; nothing has changed.</returns>
    bool Compact(Revision upTo);
}

/// <summary>What a log says when it is opened. Records up to <see cref="Compacted"/> may be missing.</summary>
internal readonly record struct LogState(long Epoch, Revision Last, Revision Compacted);

/// <summary>The answer to a request, kept so that its repetition gets the same one.</summary>
internal readonly record struct AcknowledgedRequest(string Id, Revision Revision, ObjectKey Key);

internal enum AppendOutcome
{
    Committed,

    /// <summary>Another writer has taken the log over; this one must stop.</summary>
    Fenced,

    /// <summary>There is no room; nothing was written and reads go on.</summary>
    Full,
}
