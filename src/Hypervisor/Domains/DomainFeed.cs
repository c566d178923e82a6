using System.Threading.Channels;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>
/// Every domain as it is now, and each change to those who watch. A watcher who doesn't read loses its subscription, not dom0's memory.
/// </summary>
internal sealed class DomainFeed
{
    private const int PendingChanges = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DomainRecord> _current = [];
    private readonly List<Channel<DomainRecord>> _watchers = [];

    public void Publish(DomainRecord record)
    {
        lock (_gate)
        {
            _current[record.Id] = record;
            Send(record);
        }
    }

    /// <summary>The last word on a domain that is gone.</summary>
    public void Forget(DomainRecord record)
    {
        lock (_gate)
        {
            _current.Remove(record.Id);
            Send(record);
        }
    }

    /// <summary>All as they are, in one moment with the subscription: no change is missed or comes twice.</summary>
    public (IReadOnlyList<DomainRecord> Now, ChannelReader<DomainRecord> Changes) Watch()
    {
        var channel = Channel.CreateBounded<DomainRecord>(PendingChanges);
        lock (_gate)
        {
            _watchers.Add(channel);
            return ([.. _current.Values], channel.Reader);
        }
    }

    public void Unwatch(ChannelReader<DomainRecord> changes)
    {
        lock (_gate)
        {
            _watchers.RemoveAll(channel => channel.Reader == changes);
        }
    }

    private void Send(DomainRecord record)
    {
        for (var i = _watchers.Count - 1; i >= 0; i--)
        {
            if (!_watchers[i].Writer.TryWrite(record))
            {
                _watchers[i].Writer.Complete(new WatcherFellBehindException());
                _watchers.RemoveAt(i);
            }
        }
    }
}

/// <summary>The watcher read too slowly: it must watch again, from the beginning.</summary>
internal sealed class WatcherFellBehindException : Exception;
