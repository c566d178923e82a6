using Orchestrator.Contracts.Ids;

namespace Orchestrator.Silo.Cache;

/// <summary>
/// The latest changes of one kind. Watchers are cursors on it: they hold no queue of their own, and one that is slower than the
/// ring is told that its place is gone. One writer; readers take no lock but when they wait. The oldest slot is the one that the writer
/// may be writing: it is not read, so a ring of N slots serves the last N - 1 changes.
/// </summary>
internal sealed class ChangeRing
{
    private readonly int _mask;
    private ObjectChange?[] _slots = [];
    private long _written;
    private Revision _droppedUpTo;
    private volatile bool _closed;
    private TaskCompletionSource _appended = NewSignal();

    public ChangeRing(int slots)
    {
        if (slots < 2 || (slots & (slots - 1)) != 0) throw new ArgumentOutOfRangeException(nameof(slots), slots, "A ring has a power of two of slots.");
        _mask = slots - 1;
    }

    /// <summary>How many changes have ever been appended; the sequence number of the next one.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Whether nothing will ever be appended again.</summary>
    public bool IsClosed => _closed;

    public void Close()
    {
        _closed = true;
        Interlocked.Exchange(ref _appended, NewSignal()).SetResult();
    }

    public void StartAfter(Revision windowStart) => _droppedUpTo = windowStart;

    public void Append(IReadOnlyList<ObjectChange> changes)
    {
        // Most kinds never change. Whoever sees a change in Written sees the slots too.
        if (_slots.Length == 0) _slots = new ObjectChange?[_mask + 1];
        foreach (var change in changes)
        {
            Volatile.Write(ref _slots[_written & _mask], change);
            // The next slot to write is no longer read: what stands in it has left the ring.
            if (_slots[(_written + 1) & _mask] is { } leaving) _droppedUpTo = leaving.Revision;
            Volatile.Write(ref _written, _written + 1);
        }

        Interlocked.Exchange(ref _appended, NewSignal()).SetResult();
    }

    /// <summary>
    /// The sequence number of the first change after a revision; null if changes after it have left the ring.
    /// </summary>
    public long? Seek(Revision after)
    {
        while (true)
        {
            var written = Written;
            var oldest = Math.Max(0, written - _mask);
            var (low, high) = (oldest, written);
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (Volatile.Read(ref _slots[middle & _mask])!.Revision > after) high = middle;
                else low = middle + 1;
            }

            if (after < _droppedUpTo) return null;
            // The writer may have lapped the search; its place is known again once it stands still.
            if (low >= Written - _mask) return low;
        }
    }

    /// <summary>The change with a sequence number below <see cref="Written"/>; null if it has left the ring.</summary>
    public ObjectChange? Read(long sequence)
    {
        var change = Volatile.Read(ref _slots[sequence & _mask]);
        return sequence >= Written - _mask ? change : null;
    }

    /// <summary>Ends once a change with this sequence number is there, or never will be.</summary>
    public async ValueTask WaitFor(long sequence, CancellationToken cancellation)
    {
        while (Written <= sequence && !IsClosed)
        {
            var signal = Volatile.Read(ref _appended);
            if (Written > sequence || IsClosed) return;
            await signal.Task.WaitAsync(cancellation);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
