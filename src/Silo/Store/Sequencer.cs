using System.Diagnostics;
using System.Threading.Channels;
using Orchestrator.Contracts.Ids;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Store;

/// <summary>
/// The one writer. It gathers concurrent writes, checks each expected version against the cache and the batch itself, gives out
/// consecutive revisions, commits up to 512 in one transaction, applies them to the cache and only then answers. Everything that
/// writes objects calls it; it must never answer what isn't durable, and never leave a gap in the revisions.
/// </summary>
internal sealed class Sequencer : IDisposable
{
    private const int BatchWrites = 512;
    private const int QueuedWrites = 8192;

    /// <summary>How much history stays in the log, and how often older history is dropped.</summary>
    private const long KeptRevisions = 10_000;
    private const long CompactionStep = 5_000;

    /// <summary>For how long a request can be repeated at least: a client that lost its connection comes back long before.</summary>
    private static readonly TimeSpan KeptRequests = TimeSpan.FromMinutes(2);

    private readonly Channel<Pending> _queue = Channel.CreateBounded<Pending>(new BoundedChannelOptions(QueuedWrites) { SingleReader = true });
    private readonly IRevisionLog _log;
    private readonly ObjectCache _cache;
    private readonly StoreMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<Sequencer> _logger;
    private readonly Thread _thread;
    private Revision _last;
    private Revision _compacted;
    private volatile bool _fenced;

    public Sequencer(IRevisionLog log, ObjectCache cache, StoreMetrics metrics, TimeProvider time, ILogger<Sequencer> logger)
    {
        _log = log;
        _cache = cache;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        var state = log.Open();
        _last = state.Last;
        _compacted = state.Compacted;
        cache.Load(log.ReadCurrent(), state.Last);
        _thread = new Thread(Run) { IsBackground = true, Name = "sequencer" };
        _thread.Start();
    }

    public bool IsFenced => _fenced;

    /// <summary>Raised once when the log is no longer ours; the silo must stop serving writes.</summary>
    public event Action? Fenced;

    public Task<WriteResult> Commit(Write write, CancellationToken cancellation = default) => Enqueue(new PendingWrite(write), cancellation);

    /// <summary>
    /// Commits writes together, whatever their number, or none of them. They are planned from the present state while nobody else
    /// writes, so none of them conflicts.
    /// </summary>
    public async Task<WriteOutcome> Commit(Func<ObjectCache, IReadOnlyList<Write>> plan, CancellationToken cancellation) =>
        (await Enqueue(new PendingPlan(plan), cancellation)).Outcome;

    private async Task<WriteResult> Enqueue(Pending pending, CancellationToken cancellation)
    {
        if (_fenced) return new WriteResult(WriteOutcome.Unavailable, null);
        await _queue.Writer.WriteAsync(pending, cancellation);
        return await pending.Result.Task.WaitAsync(cancellation);
    }

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _thread.Join();
    }

    private void Run()
    {
        var gathered = new List<PendingWrite>(BatchWrites);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            gathered.Clear();
            PendingPlan? plan = null;
            while (gathered.Count < BatchWrites && plan is null && _queue.Reader.TryRead(out var pending))
            {
                plan = pending as PendingPlan;
                if (pending is PendingWrite write) gathered.Add(write);
            }

            CommitBatch(gathered);
            if (plan is not null) CommitPlan(plan);
        }
    }

    private void CommitPlan(PendingPlan plan)
    {
        var writes = plan.Make(_cache).Select(write => new PendingWrite(write)).ToList();
        CommitBatch(writes);
        // One transaction: all have the same outcome, and have it by now.
        plan.Answer(writes.Count == 0 ? WriteOutcome.Committed : writes[0].Result.Task.Result.Outcome);
    }

    private void CommitBatch(List<PendingWrite> gathered)
    {
        var batch = new Batch(_cache, _last, _time.GetUtcNow());
        var started = Stopwatch.GetTimestamp();
        try
        {
            foreach (var pending in gathered)
            {
                if (_fenced) pending.Answer(WriteOutcome.Unavailable);
                else if (!AnswerRepetition(pending, batch)) batch.Add(pending);
            }

            if (batch.Records.Count > 0) Settle(batch, _log.Append(batch.Records, batch.Requests), started);
        }
        catch (Exception failure)
        {
            _logger.LogCritical(failure, "The revision log failed; this silo takes no more writes");
            Fence();
            foreach (var pending in gathered) pending.Answer(WriteOutcome.Unavailable);
        }
    }

    private void Settle(Batch batch, AppendOutcome outcome, long started)
    {
        switch (outcome)
        {
            case AppendOutcome.Committed:
                _last = batch.Last;
                _cache.Apply(batch.Changes);
                _metrics.Committed(batch.Records.Count, Stopwatch.GetElapsedTime(started));
                batch.AnswerCommitted();
                CompactIfDue();
                break;
            case AppendOutcome.Full:
                _logger.LogError("The store is full: {Writes} writes refused", batch.Records.Count);
                batch.AnswerAll(WriteOutcome.Full);
                break;
            default:
                _logger.LogCritical("Another writer has taken over the revision log; this silo takes no more writes");
                Fence();
                batch.AnswerAll(WriteOutcome.Unavailable);
                break;
        }
    }

    private void CompactIfDue()
    {
        if (_last.Value - _compacted.Value < KeptRevisions + CompactionStep) return;
        var upTo = new Revision(_last.Value - KeptRevisions);
        if (_log.Compact(upTo, _time.GetUtcNow() - KeptRequests)) _compacted = upTo;
        else _logger.LogError("There is no room to compact the store; it is tried again with the next writes");
    }

    private void Fence()
    {
        if (_fenced) return;
        _fenced = true;
        Fenced?.Invoke();
    }

    /// <summary>
    /// The first call's answer again. The object may have moved on since; what it is now is what a repeated write would read.
    /// </summary>
    private bool AnswerRepetition(PendingWrite pending, Batch batch)
    {
        if (!pending.Write.Request.IsRepeatable) return false;
        if (batch.AnswerAfterTwin(pending)) return true;
        if (_log.FindRequest(pending.Write.Request.Id) is not { } twin) return false;
        if (twin.IsRepeatedBy(pending.Write.Request)) pending.Answer(WriteOutcome.Repeated, _cache.Find(twin.Key));
        else pending.Answer(WriteOutcome.OtherRequest);
        return true;
    }
}
