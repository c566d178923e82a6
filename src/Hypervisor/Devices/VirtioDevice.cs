using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Rings.Queues;

namespace Orchestrator.Hypervisor.Devices;

/// <summary>
/// What every device is: features, a configuration, queues, and one method that takes requests from a queue. Everything happens on its
/// loop's thread. It doesn't know who drives it; a front-end (VhostUser/) starts and stops its queues.
/// <code>
///   queues stopped ──Start──► served ──Quiesce──► nothing taken ──in flight: 0──► quiet (the front-end changes things) ──Resume──► served
///                               └──a fault──► broken, until Reset
/// </code>
/// </summary>
internal abstract partial class VirtioDevice
{
    private readonly DeviceQueue[] _queues;
    private readonly ILogger _logger;
    private Action? _whenQuiet;
    private bool _isQuiet;

    protected VirtioDevice(DeviceLoop loop, ILogger logger, string name, int queueCount)
    {
        Loop = loop;
        Name = name;
        _logger = logger;
        _queues = [.. Enumerable.Range(0, queueCount).Select(index => new DeviceQueue(this, index))];
    }

    public DeviceLoop Loop { get; }

    /// <summary>The domain's and the device's, for people.</summary>
    public string Name { get; }

    /// <summary>What a driver may accept, but for what rings and transport add.</summary>
    public abstract ulong Features { get; }

    public abstract ReadOnlySpan<byte> Configuration { get; }

    public IReadOnlyList<DeviceQueue> Queues => _queues;

    public bool IsActive { get; set; }

    public QueueFault Fault { get; private set; }

    /// <summary>Asks the guest's memory whether its owner has cut it off; set with the memory.</summary>
    public Func<bool> IsMemoryTruncated { get; set; } = () => false;

    protected ILogger Logger => _logger;

    /// <summary>Its queues and the guest's memory may be touched.</summary>
    protected bool IsServing => !_isQuiet && _whenQuiet is null && Fault is QueueFault.None;

    private int InFlight
    {
        get
        {
            var sum = 0;
            foreach (var queue in _queues)
            {
                sum += queue.Ring?.InFlight ?? 0;
            }

            return sum;
        }
    }

    /// <summary>The driver has accepted these features.</summary>
    public virtual void Accept(ulong features)
    {
    }

    /// <summary>Takes what there is, up to some bound, and begins it. True if it took anything.</summary>
    protected abstract bool Serve(DeviceQueue queue);

    /// <summary>Goes on with what it has taken and could not begin yet; takes nothing new.</summary>
    protected abstract void Drain(DeviceQueue queue);

    public bool ServeQueues()
    {
        if (_isQuiet)
        {
            return false;
        }

        if (_whenQuiet is not null || Fault is not QueueFault.None)
        {
            DrainQueues();
            return false;
        }

        var any = false;
        foreach (var queue in _queues)
        {
            if (!queue.IsServed || queue.IsStalled)
            {
                continue;
            }

            if (ServeSafely(queue))
            {
                queue.Kick?.WasUseful();
                any = true;
            }
        }

        return any;
    }

    /// <summary>The end of a pass.</summary>
    public void PublishQueues()
    {
        foreach (var queue in _queues)
        {
            queue.Publish();
        }

        if (IsMemoryTruncated())
        {
            Break(QueueFault.MemoryTruncated);
        }

        TellQuiet();
    }

    /// <summary>Before a rest: asks every driver for a kick. True if there is work that came without one.</summary>
    public bool Listen()
    {
        if (_isQuiet || _whenQuiet is not null || Fault is not QueueFault.None)
        {
            return false;
        }

        var any = false;
        foreach (var queue in _queues)
        {
            if (queue.IsServed && !queue.IsStalled)
            {
                any |= queue.Ring!.Listen();
                queue.Kick!.Arm();
            }
        }

        return any;
    }

    /// <summary>
    /// Takes no more requests, and calls when none is in flight any more. Until <see cref="Resume"/> its queues and the guest's memory
    /// may change.
    /// </summary>
    public void Quiesce(Action whenQuiet)
    {
        _whenQuiet = whenQuiet;
        TellQuiet();
    }

    public void Resume()
    {
        _isQuiet = false;
        Loop.Activate(this);
    }

    /// <summary>What its queues waited for may have come.</summary>
    public void Unstall()
    {
        foreach (var queue in _queues)
        {
            queue.IsStalled = false;
        }

        Loop.Activate(this);
    }

    /// <summary>As new: whatever a driver did to it is forgotten. Only while it is quiet.</summary>
    public virtual void Reset()
    {
        foreach (var queue in _queues)
        {
            queue.Stop();
            queue.Call?.Stop();
            queue.Error?.Stop();
            (queue.Call, queue.LogCall, queue.Error, queue.IsEnabled, queue.IsStalled) = (null, null, null, false, false);
        }

        IsMemoryTruncated = () => false;
        Fault = QueueFault.None;
    }

    /// <summary>A queue that lies, or a bug of ours: this device stops, and nothing else does.</summary>
    public void Break(QueueFault fault)
    {
        if (Fault is not QueueFault.None)
        {
            return;
        }

        Fault = fault;
        LogBroken(Name, fault);
        foreach (var queue in _queues)
        {
            queue.Error?.Signal();
        }
    }

    private void DrainQueues()
    {
        foreach (var queue in _queues)
        {
            if (queue is { Ring: not null, IsStalled: false })
            {
                Drain(queue);
            }
        }
    }

    private bool ServeSafely(DeviceQueue queue)
    {
        try
        {
            var any = Serve(queue);
            if (queue.Ring!.Fault is not QueueFault.None and var fault)
            {
                Break(fault);
            }

            return any;
        }
        catch (Exception error)
        {
            // The bulkhead between a guest and all others: a bug of ours that it has found costs its own device.
            LogBug(Name, error);
            Break(QueueFault.Bug);
            return true;
        }
    }

    private void TellQuiet()
    {
        if (_whenQuiet is { } tell && InFlight == 0)
        {
            // What was completed in this pass goes out first: nobody would look for it in a queue that is opened anew.
            foreach (var queue in _queues)
            {
                queue.Publish();
            }

            _whenQuiet = null;
            _isQuiet = true;
            tell();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Device {Device} is stopped: its guest broke a queue ({Fault})")]
    private partial void LogBroken(string device, QueueFault fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "Device {Device} is stopped: a bug")]
    private partial void LogBug(string device, Exception error);
}
