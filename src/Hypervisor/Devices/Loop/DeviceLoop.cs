using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Devices.Loop;

/// <summary>
/// One thread that serves devices, with one io_uring for their requests, their kicks and their sockets, and dom0's ring to the host's
/// disks. All that belongs to a device happens on it, one thing after the other: devices have no locks. A pass:
/// <code>
///   completions → active devices take from their queues → device ring → disks → publish, signal
///      ▲                                                                          │
///      └── sleep until something happens ◄── ask for kicks ◄── look a little ◄────┘
/// </code>
/// </summary>
internal sealed class DeviceLoop : IDisposable
{
    private const uint RingEntries = 512;
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger;
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly SafeFileHandle _wake = Epoll.CreateEvent();
    private readonly List<IRingTarget?> _targets = [null];
    private readonly Stack<int> _freeTargets = new();
    private readonly List<VirtioDevice> _active = [];
    private readonly PollWindow _window = new(Stopwatch.Frequency);
    private readonly LoopTimers _timers = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private IoUring _ring = null!;
    private volatile bool _stopped;

    public DeviceLoop(ILogger<DeviceLoop> logger, DeviceRingSize size)
    {
        _logger = logger;
        Disks = new DiskDispatch(this, size);
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "device loop" };
        _thread.Start();
        _ready.Task.GetAwaiter().GetResult();
    }

    /// <summary>Operations that are put here go with the end of the pass. The loop's thread only.</summary>
    public IoUring Ring => _ring;

    public DiskDispatch Disks { get; }

    public long Now { get; private set; }

    public bool IsCurrentThread => Thread.CurrentThread == _thread;

    /// <summary>Runs on the loop's thread, soon.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        FileSystem.WriteAvailable(_wake, [1, 0, 0, 0, 0, 0, 0, 0]);
    }

    /// <summary>Runs on the loop's thread; its result. Not from that thread.</summary>
    public Task<T> AskAsync<T>(Func<T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                answer.SetResult(question());
            }
            catch (Exception error)
            {
                answer.SetException(error);
            }
        });
        return answer.Task;
    }

    /// <summary>The user data that leads completions to the target, until <see cref="Unregister"/>.</summary>
    public ulong Register(IRingTarget target)
    {
        if (_freeTargets.TryPop(out var index))
        {
            _targets[index] = target;
            return (ulong)index;
        }

        _targets.Add(target);
        return (ulong)(_targets.Count - 1);
    }

    /// <summary>Asks the kernel to end the target's operation: it completes all the same, soon.</summary>
    public unsafe void Cancel(ulong userData)
    {
        var entry = Ring.Next();
        entry->Operation = IoUring.Operation.Cancel;
        entry->Address = userData;
    }

    /// <summary>No operation of the target may be under way.</summary>
    public void Unregister(ulong userData)
    {
        _targets[(int)userData] = null;
        _freeTargets.Push((int)userData);
    }

    /// <summary>The device has, or may have, something to do: it is served until it has nothing any more.</summary>
    public void Activate(VirtioDevice device)
    {
        if (!device.IsActive)
        {
            device.IsActive = true;
            _active.Add(device);
        }
    }

    public void Deactivate(VirtioDevice device)
    {
        device.IsActive = false;
        _active.Remove(device);
    }

    /// <summary>Once, after at least so long.</summary>
    public void After(TimeSpan delay, Action action) => _timers.Add(Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency), action);

    public void Dispose()
    {
        _stopped = true;
        FileSystem.WriteAvailable(_wake, [1, 0, 0, 0, 0, 0, 0, 0]);
        _thread.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        try
        {
            _ring = new IoUring(RingEntries);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            _ready.SetException(new IOException(error.Message, error));
            return;
        }

        var wake = new Watch(this, _wake, () => FileSystem.ReadAvailable(_wake, stackalloc byte[8]) >= 0);
        wake.Arm();
        _ready.SetResult();
        while (!_stopped)
        {
            Pass();
        }

        _ring.Drain(DrainLimit);
        _ring.Dispose();
    }

    private void Pass()
    {
        Now = Stopwatch.GetTimestamp();
        var worked = RunPosted() | _timers.Run(Now) | TakeCompletions() | ServeActive() | Disks.Dispatch();
        FinishActive();
        if (worked)
        {
            _window.Worked(Now);
            Submit();
        }
        else if (_active.Count > 0 && _window.MayLookAgain(Now))
        {
            Submit();
            Thread.SpinWait(1);
        }
        else if (!Rest())
        {
            var until = Math.Min(_timers.Next, Disks.NextReadyAt);
            _ring.Enter(1, until == long.MaxValue ? null : Math.Max(0, (until - Stopwatch.GetTimestamp()) * 1_000_000_000 / Stopwatch.Frequency));
        }
    }

    private void Submit()
    {
        if (_ring.HasUnsubmitted || _ring.HasCompletions)
        {
            _ring.Enter(0, null);
        }
    }

    private bool RunPosted()
    {
        var any = false;
        while (_posted.TryDequeue(out var action))
        {
            action();
            any = true;
        }

        return any;
    }

    private bool TakeCompletions()
    {
        var any = false;
        while (_ring.TryTake(out var userData, out var result))
        {
            if (userData != 0)
            {
                _targets[(int)userData]!.Complete(result);
                any = true;
            }
        }

        return any;
    }

    private bool ServeActive()
    {
        var any = false;
        for (var i = 0; i < _active.Count; i++)
        {
            any |= _active[i].ServeQueues();
        }

        return any;
    }

    private void FinishActive()
    {
        for (var i = 0; i < _active.Count; i++)
        {
            _active[i].PublishQueues();
        }
    }

    /// <summary>Every active device asks for kicks and leaves. True if one of them has work after all.</summary>
    private bool Rest()
    {
        var any = false;
        for (var i = _active.Count - 1; i >= 0; i--)
        {
            var device = _active[i];
            if (device.Listen())
            {
                any = true;
            }
            else
            {
                device.IsActive = false;
                _active.RemoveAt(i);
            }
        }

        return any;
    }
}
