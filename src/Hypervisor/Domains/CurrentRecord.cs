namespace Orchestrator.Hypervisor.Domains;

/// <summary>The domain's record: written by its owner alone, read and waited for by anyone.</summary>
internal sealed partial class CurrentRecord
{
    private readonly DomainFolder _folder;
    private readonly DomainFeed _feed;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<(Func<DomainRecord, bool> Wanted, TaskCompletionSource<DomainRecord> Waiter)> _waiters = [];
    private volatile DomainRecord _record;

    public CurrentRecord(DomainFolder folder, DomainFeed feed, ILogger<CurrentRecord> logger, DomainRecord record)
    {
        _folder = folder;
        _feed = feed;
        _logger = logger;
        _record = record;
        feed.Publish(record);
    }

    public DomainRecord Record => _record;

    /// <summary>The journal first, then everyone.</summary>
    public void Change(DomainRecord record)
    {
        try
        {
            DomainJournal.Write(_folder, record);
        }
        catch (IOException error)
        {
            // What the old journal says leads the next dom0 to the same end: it looks at the process itself.
            LogNotJournaled(record.Id, error);
        }

        Announce(record);
    }

    /// <summary>Of a record that is in the journal already.</summary>
    public void Announce(DomainRecord record)
    {
        LogChanged(record.Id, record.Phase, record.Reason, record.Message);
        List<TaskCompletionSource<DomainRecord>> waiters;
        lock (_gate)
        {
            _record = record;
            waiters = [.. _waiters.Where(waiting => waiting.Wanted(record)).Select(waiting => waiting.Waiter)];
        }

        _feed.Publish(record);
        waiters.ForEach(waiter => waiter.TrySetResult(record));
    }

    /// <summary>The first record that is so, from now on.</summary>
    public async Task<DomainRecord> WhenAsync(Func<DomainRecord, bool> wanted, CancellationToken cancellation)
    {
        var waiter = new TaskCompletionSource<DomainRecord>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (wanted(_record))
            {
                return _record;
            }

            _waiters.Add((wanted, waiter));
        }

        try
        {
            return await waiter.Task.WaitAsync(cancellation);
        }
        finally
        {
            lock (_gate)
            {
                _waiters.Remove((wanted, waiter));
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Domain {Domain} is {Phase} {Reason} {Detail}")]
    private partial void LogChanged(string domain, DomainPhase phase, string reason, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Domain {Domain}: its journal can't be written")]
    private partial void LogNotJournaled(string domain, Exception error);
}
