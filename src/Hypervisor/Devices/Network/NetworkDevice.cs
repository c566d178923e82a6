using System.Buffers.Binary;
using System.Diagnostics;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Network.Switching;
using Orchestrator.Hypervisor.Rings.Queues;

namespace Orchestrator.Hypervisor.Devices.Network;

/// <summary>
/// A guest's network card at a switch. A frame's way: transmit chain → a copy of our own (the guest can't change it any more) → the
/// switch → the receiver's buffers. A frame without a buffer at its receiver waits for a moment, and its sender's queue with it; then it
/// is dropped and counted at the receiver. A receiver that lets frames run out makes nobody wait again until it has offered buffers.
/// </summary>
internal sealed class NetworkDevice : VirtioDevice, IFrameReceiver, IDisposable
{
    private const int Receive = 0;
    private const int Transmit = 1;
    private const int Budget = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1);

    /// <summary>A front-end that wants to change something waits for no rate longer than this.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(10);

    private readonly LayerTwoSwitch _switch;
    private readonly SwitchPort _port;
    private readonly DescriptorChain _chain = new();
    private readonly ReceiveBuffers _buffers = new();
    private readonly byte[] _frame = new byte[NetworkFormat.HeaderBytes + NetworkFormat.MostFrameBytes];
    private readonly byte[] _configuration = new byte[12];
    private readonly List<NetworkDevice> _waitingForUs = [];
    private readonly long _patience = (long)(Patience.TotalSeconds * Stopwatch.Frequency);
    private ulong _features;
    private PendingFrame _pending;
    private bool _letsFramesRunOut;

    /// <summary>On the loop's thread, the one of the whole switch.</summary>
    public NetworkDevice(DeviceLoop loop, ILogger logger, string name, LayerTwoSwitch @switch, PortRules rules)
        : base(loop, logger, name, queueCount: 2)
    {
        _switch = @switch;
        _port = @switch.Attach(rules, this, Stopwatch.GetTimestamp());
        rules.Address!.Value.Write(_configuration);
        BinaryPrimitives.WriteUInt16LittleEndian(_configuration.AsSpan(6), NetworkFormat.LinkUp);
        BinaryPrimitives.WriteUInt16LittleEndian(_configuration.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(_configuration.AsSpan(10), NetworkFormat.PayloadBytes);
    }

    public SwitchPort Port => _port;

    public override ulong Features =>
        NetworkFormat.PartialChecksums | NetworkFormat.GuestPartialChecksums | NetworkFormat.LargestFrame | NetworkFormat.Address
        | NetworkFormat.MergeableBuffers | NetworkFormat.Status;

    public override ReadOnlySpan<byte> Configuration => _configuration;

    public override void Accept(ulong features) => _features = features;

    public override void Reset()
    {
        base.Reset();
        (_features, _pending, _letsFramesRunOut) = (0, default, false);
        WakeThoseWhoWait();
    }

    public bool TryReceive(in Frame frame)
    {
        var queue = Queues[Receive];
        if (!queue.IsServed || !IsServing)
        {
            // Nobody is there: what is sent to an empty socket is lost, and makes nobody wait.
            _letsFramesRunOut = true;
            return false;
        }

        var put = _buffers.Put(queue.Ring!, frame, _features);
        if (queue.Ring!.Fault is not QueueFault.None and var fault)
        {
            Break(fault);
        }

        if (put)
        {
            Loop.Activate(this);
        }
        else if (queue.IsStalled)
        {
            // Its next kick says that there are buffers again.
            queue.IsStalled = false;
            Loop.Activate(this);
        }

        return put;
    }

    /// <summary>Only while it is quiet, on the loop's thread.</summary>
    public void Dispose()
    {
        Reset();
        Loop.Deactivate(this);
        _switch.Detach(_port);
        _chain.Dispose();
        _buffers.Dispose();
    }

    protected override bool Serve(DeviceQueue queue) => queue.Index == Receive ? NoteBuffers(queue) : Send(queue);

    /// <summary>Nothing is ever in flight for longer than a turn but the one frame that waits; a device that stops doesn't wait for it.</summary>
    protected override void Drain(DeviceQueue queue)
    {
        if (queue.Index == Transmit && _pending.IsThere)
        {
            Offer(queue, insists: true);
            if (_pending.IsThere)
            {
                Finish(queue);
            }
        }
    }

    /// <summary>The receive queue is looked at only when a frame found no buffer: the driver fills it ahead of time.</summary>
    private bool NoteBuffers(DeviceQueue queue)
    {
        if (!queue.Ring!.HasWork)
        {
            return false;
        }

        queue.Ring.Ignore();
        queue.IsStalled = true;
        _letsFramesRunOut = false;
        WakeThoseWhoWait();
        return true;
    }

    private bool Send(DeviceQueue queue)
    {
        var ring = queue.Ring!;
        ring.Ignore();
        for (var taken = 0; taken < Budget; taken++)
        {
            if (!_pending.IsThere && !Take(ring))
            {
                return taken > 0;
            }

            if (_pending.IsThere && !Offer(queue, insists: false))
            {
                return true;
            }
        }

        return true;
    }

    /// <summary>Copies the next frame out. False if there is none; a frame that is none is finished at once.</summary>
    private bool Take(Virtqueue ring)
    {
        if (ring.Take(_chain) is not TakeResult.Taken)
        {
            return false;
        }

        var bytes = (int)Math.Min(_chain.ReadableBytes, (uint)_frame.Length + 1);
        if (bytes <= NetworkFormat.HeaderBytes || bytes > _frame.Length)
        {
            _port.CountDrop(FrameDrop.Malformed);
            ring.Complete(_chain.Head, 0);
            return true;
        }

        ChainBytes.Copy(_chain.Readable, _frame.AsSpan(0, bytes));
        _pending = PendingFrame.Read(_chain.Head, _frame.AsSpan(0, bytes));
        if (!_pending.IsSound || (_pending.ChecksumStart >= 0 && (_features & NetworkFormat.PartialChecksums) == 0))
        {
            _port.CountDrop(FrameDrop.Malformed);
            ring.Complete(_chain.Head, 0);
            _pending = default;
        }

        return true;
    }

    /// <summary>False if the frame waits.</summary>
    private bool Offer(DeviceQueue queue, bool insists)
    {
        var frame = new Frame(_frame.AsSpan(NetworkFormat.HeaderBytes, _pending.Bytes), _pending.ChecksumStart, _pending.ChecksumOffset);
        insists |= _pending.WaitsSince != 0 && Loop.Now - _pending.WaitsSince >= _patience;
        switch (_switch.Forward(_port, frame, insists, Loop.Now, out var readyAt, out var receiver))
        {
            case Forwarding.Throttled:
                Wait(queue, TimeSpan.FromSeconds((readyAt - Loop.Now) / (double)Stopwatch.Frequency));
                return false;
            case Forwarding.NoRoom when (receiver!.Receiver as NetworkDevice)?.MakesWait(this) is true:
                _pending = _pending with { WaitsSince = _pending.WaitsSince == 0 ? Loop.Now : _pending.WaitsSince };
                Wait(queue, Patience);
                return false;
            case Forwarding.NoRoom:
                return Offer(queue, insists: true);
            default:
                (receiver?.Receiver as NetworkDevice)?.NoteOutcome(insists);
                Finish(queue);
                return true;
        }
    }

    /// <summary>Whether one who has no buffers is worth waiting for.</summary>
    private bool MakesWait(NetworkDevice sender)
    {
        if (_letsFramesRunOut)
        {
            return false;
        }

        if (!_waitingForUs.Contains(sender))
        {
            _waitingForUs.Add(sender);
        }

        return true;
    }

    /// <summary>Someone waited for us in vain, or did not have to.</summary>
    private void NoteOutcome(bool insisted) => _letsFramesRunOut |= insisted && !Queues[Receive].IsStalled;

    private void WakeThoseWhoWait()
    {
        foreach (var sender in _waitingForUs)
        {
            sender.Unstall();
        }

        _waitingForUs.Clear();
    }

    private void Wait(DeviceQueue queue, TimeSpan delay)
    {
        queue.IsStalled = true;
        Loop.After(delay < LongestWait ? delay : LongestWait, Unstall);
    }

    private void Finish(DeviceQueue queue)
    {
        queue.Ring!.Complete(_pending.Head, 0);
        _pending = default;
    }
}
