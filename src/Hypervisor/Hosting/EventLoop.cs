using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Hosting;

/// <summary>
/// One thread that waits for every guest's console and every engine's end: no guest costs a thread of its own.
/// Callbacks run on it one at a time, must not block, and never run once <see cref="Remove"/>'s task has completed.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private const int BufferBytes = 16 * 1024;

    private readonly SafeFileHandle _epoll = Epoll.Create();
    private readonly SafeFileHandle _wake = Epoll.CreateEvent();
    private readonly ConcurrentQueue<Action> _requests = new();
    private readonly Dictionary<long, (SafeFileHandle Handle, Func<bool> Ready)> _watched = [];
    private readonly HashSet<long> _paused = [];
    private readonly Thread _thread;
    private long _lastKey;
    private volatile bool _stopped;

    public EventLoop()
    {
        Epoll.Watch(_epoll, _wake, 0);
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "event loop" };
        _thread.Start();
    }

    /// <summary>For callbacks to read into; theirs until they return.</summary>
    public byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(BufferBytes);

    /// <summary>
    /// Calls <paramref name="ready"/> whenever there is something to read, until it returns false. The loop owns the handle and closes it.
    /// </summary>
    public long Add(SafeFileHandle handle, Func<bool> ready)
    {
        var key = Interlocked.Increment(ref _lastKey);
        Post(() =>
        {
            _watched.Add(key, (handle, ready));
            Epoll.Watch(_epoll, handle, key);
        });
        return key;
    }

    /// <summary>Leaves what there is to read where it is, so that whoever writes it waits, until <see cref="Resume"/>.</summary>
    public void Pause(long key) => Post(() =>
    {
        if (_watched.TryGetValue(key, out var entry) && _paused.Add(key))
        {
            Epoll.Forget(_epoll, entry.Handle);
        }
    });

    public void Resume(long key) => Post(() =>
    {
        if (_paused.Remove(key))
        {
            Epoll.Watch(_epoll, _watched[key].Handle, key);
        }
    });

    /// <summary>Stops watching and closes the handle.</summary>
    public Task Remove(long key)
    {
        var removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            Forget(key);
            removed.SetResult();
        });
        return removed.Task;
    }

    public void Dispose()
    {
        _stopped = true;
        Wake();
        _thread.Join();
        _epoll.Dispose();
        _wake.Dispose();
    }

    private void Post(Action request)
    {
        _requests.Enqueue(request);
        Wake();
    }

    private void Forget(long key)
    {
        if (_watched.Remove(key, out var entry))
        {
            if (!_paused.Remove(key))
            {
                Epoll.Forget(_epoll, entry.Handle);
            }

            entry.Handle.Dispose();
        }
    }

    private void Wake()
    {
        ReadOnlySpan<byte> one = [1, 0, 0, 0, 0, 0, 0, 0];
        FileSystem.WriteAvailable(_wake, one);
    }

    private void Run()
    {
        Span<long> keys = stackalloc long[64];
        Span<byte> count = stackalloc byte[8];
        while (!_stopped)
        {
            var ready = Epoll.Wait(_epoll, keys);
            foreach (var key in keys[..ready])
            {
                if (key == 0)
                {
                    FileSystem.ReadAvailable(_wake, count);
                }
                else if (_watched.TryGetValue(key, out var entry) && !entry.Ready())
                {
                    Forget(key);
                }
            }

            while (_requests.TryDequeue(out var request))
            {
                request();
            }
        }
    }
}
