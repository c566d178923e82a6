namespace Orchestrator.Hypervisor.Consoles;

internal enum ScrollbackRead
{
    Data,

    /// <summary>Nothing new; more may come.</summary>
    Waiting,

    /// <summary>Nothing new, and the guest has ended.</summary>
    Ended,

    /// <summary>What follows the position has already been overwritten.</summary>
    FellBehind,
}

/// <summary>One who follows a console, at a position of its own (bytes since the console's beginning). It costs no buffer.</summary>
internal sealed class ScrollbackReader
{
    public long Position { get; set; }

    /// <summary>It had its time and didn't read: nobody waits for it any more.</summary>
    public bool IsStalled { get; set; }
}

/// <summary>
/// The last bytes of a console, for any number of readers. The writer is asked to pause for a reader that is far behind; one that
/// doesn't catch up all the same (<see cref="GiveUpOnLaggards"/>) may be overtaken, and is told so.
/// </summary>
internal sealed class Scrollback
{
    public const int CapacityBytes = 256 * 1024;
    private const int FirstBytes = 4096;
    private const int FarBehindBytes = CapacityBytes / 2;
    private const int CaughtUpBytes = CapacityBytes / 4;

    private readonly Lock _gate = new();
    private byte[] _ring = [];
    private long _end;
    private bool _live;
    private readonly List<ScrollbackReader> _readers = [];
    private TaskCompletionSource? _changed;

    /// <summary>Whether more may come.</summary>
    public bool Live
    {
        set
        {
            lock (_gate)
            {
                _live = value;
                Wake();
            }
        }
    }

    /// <summary>After a pause: every reader that counts has caught up.</summary>
    public event Action? CaughtUp;

    /// <summary>A reader that begins at most so many bytes back.</summary>
    public ScrollbackReader Follow(long bytes)
    {
        lock (_gate)
        {
            var reader = new ScrollbackReader { Position = _end - Math.Clamp(bytes, 0, Math.Min(_end, CapacityBytes)) };
            _readers.Add(reader);
            return reader;
        }
    }

    public void Leave(ScrollbackReader reader)
    {
        lock (_gate)
        {
            _readers.Remove(reader);
        }

        TellIfCaughtUp();
    }

    public void GiveUpOnLaggards()
    {
        lock (_gate)
        {
            foreach (var reader in _readers)
            {
                reader.IsStalled = _end - reader.Position > CaughtUpBytes;
            }
        }
    }

    /// <summary>Whether the writer should pause: someone who reads is far behind.</summary>
    public bool Append(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return false;
        }

        lock (_gate)
        {
            if (data.Length > CapacityBytes)
            {
                _end += data.Length - CapacityBytes;
                data = data[^CapacityBytes..];
            }

            Grow(data.Length);
            var start = (int)(_end % _ring.Length);
            var first = Math.Min(data.Length, _ring.Length - start);
            data[..first].CopyTo(_ring.AsSpan(start));
            data[first..].CopyTo(_ring);
            _end += data.Length;
            Wake();
            return _readers.Exists(reader => !reader.IsStalled && _end - reader.Position > FarBehindBytes);
        }
    }

    /// <summary>Copies what follows the reader's position and moves it.</summary>
    public ScrollbackRead Read(ScrollbackReader reader, Span<byte> buffer, out int count)
    {
        var read = Copy(reader, buffer, out count);
        TellIfCaughtUp();
        return read;
    }

    /// <summary>Completes when something follows the reader's position, or liveness changes.</summary>
    public Task ChangedAsync(ScrollbackReader reader, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (reader.Position != _end || !_live)
            {
                return Task.CompletedTask;
            }

            _changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _changed.Task.WaitAsync(cancellation);
        }
    }

    private ScrollbackRead Copy(ScrollbackReader reader, Span<byte> buffer, out int count)
    {
        lock (_gate)
        {
            count = 0;
            var position = reader.Position;
            if (position == _end)
            {
                return _live ? ScrollbackRead.Waiting : ScrollbackRead.Ended;
            }

            if (_end - position > CapacityBytes)
            {
                return ScrollbackRead.FellBehind;
            }

            count = (int)Math.Min(buffer.Length, _end - position);
            var start = (int)(position % _ring.Length);
            var first = Math.Min(count, _ring.Length - start);
            _ring.AsSpan(start, first).CopyTo(buffer);
            _ring.AsSpan(0, count - first).CopyTo(buffer[first..]);
            reader.Position += count;
            reader.IsStalled &= reader.Position != _end;
            return ScrollbackRead.Data;
        }
    }

    /// <summary>While it is smaller than its capacity nothing has wrapped, so growing keeps every byte at its position.</summary>
    private void Grow(int more)
    {
        var needed = Math.Min(CapacityBytes, _end + more);
        if (needed > _ring.Length)
        {
            var size = Math.Max(FirstBytes, _ring.Length);
            while (size < needed)
            {
                size *= 2;
            }

            Array.Resize(ref _ring, size);
        }
    }

    private void TellIfCaughtUp()
    {
        bool caughtUp;
        lock (_gate)
        {
            caughtUp = _readers.TrueForAll(reader => reader.IsStalled || _end - reader.Position <= CaughtUpBytes);
        }

        if (caughtUp)
        {
            CaughtUp?.Invoke();
        }
    }

    private void Wake()
    {
        _changed?.SetResult();
        _changed = null;
    }
}
