using Orchestrator.Contracts.Ids;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Store;

/// <summary>What waits for the writer, and who waits for the answer.</summary>
internal abstract class Pending
{
    public TaskCompletionSource<WriteResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Answer(WriteOutcome outcome, StoredObject? obj = null) => Result.TrySetResult(new WriteResult(outcome, obj));
}

/// <summary>One write.</summary>
internal sealed class PendingWrite(Write write) : Pending
{
    public Write Write { get; } = write;
}

/// <summary>Writes that are planned on the writer's thread, from what is there at that moment, and committed whole or not at all.</summary>
internal sealed class PendingPlan(Func<ObjectCache, IReadOnlyList<Write>> plan) : Pending
{
    public IReadOnlyList<Write> Make(ObjectCache cache) => plan(cache);
}

/// <summary>The writes of one transaction: checked against the cache and against each other, with consecutive revisions.</summary>
internal sealed class Batch(ObjectCache cache, Revision last, DateTimeOffset now)
{
    private readonly Dictionary<ObjectKey, StoredObject?> _overlay = [];
    private readonly List<PendingWrite> _accepted = [];
    private readonly List<(PendingWrite Pending, ObjectKey Key)> _repeated = [];
    private readonly Dictionary<string, AcknowledgedRequest> _requests = [];

    public List<LogRecord> Records { get; } = [];
    public List<ObjectChange> Changes { get; } = [];
    public List<AcknowledgedRequest> Requests { get; } = [];
    public Revision Last { get; private set; } = last;

    public void Add(PendingWrite pending)
    {
        var write = pending.Write;
        var present = _overlay.TryGetValue(write.Key, out var pendingVersion) ? pendingVersion : cache.Find(write.Key);
        if ((present?.Revision ?? Revision.None) != write.Expected || !DefinitionGuard.Allows(write, cache, _overlay))
        {
            pending.Answer(WriteOutcome.Conflict, present);
            return;
        }

        Last = Last.Next;
        var operation = write.Message is null ? WriteOperation.Delete : present is null ? WriteOperation.Create : WriteOperation.Update;
        var value = VersionStamp.Encode(write.Message ?? present!.Message, Last);
        var obj = new StoredObject(write.Key, write.Kind, Last, value);
        _overlay[write.Key] = operation == WriteOperation.Delete ? null : obj;
        Records.Add(new LogRecord(Last, write.Key, operation, write.Expected, operation == WriteOperation.Delete ? default : value));
        Changes.Add(new ObjectChange(Last, operation, obj, present, write.Trace));
        _accepted.Add(pending);
        if (!write.Request.IsRepeatable) return;
        var request = new AcknowledgedRequest(write.Request.Id, write.Request.Target, now, Last, write.Key);
        if (_requests.TryAdd(request.Id, request)) Requests.Add(request);
    }

    /// <summary>True if the same request is in this batch: its repetition is answered with the object as the batch leaves it.</summary>
    public bool AnswerAfterTwin(PendingWrite pending)
    {
        if (!_requests.TryGetValue(pending.Write.Request.Id, out var twin)) return false;
        if (twin.IsRepeatedBy(pending.Write.Request)) _repeated.Add((pending, twin.Key));
        else pending.Answer(WriteOutcome.OtherRequest);
        return true;
    }

    public void AnswerCommitted()
    {
        for (var i = 0; i < _accepted.Count; i++) _accepted[i].Answer(WriteOutcome.Committed, Changes[i].Object);
        foreach (var (pending, key) in _repeated) pending.Answer(WriteOutcome.Repeated, cache.Find(key));
    }

    public void AnswerAll(WriteOutcome outcome)
    {
        foreach (var pending in _accepted) pending.Answer(outcome);
        foreach (var (pending, _) in _repeated) pending.Answer(outcome);
    }
}
