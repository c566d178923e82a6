using System.Text;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Rings.Device;
using Orchestrator.Hypervisor.Rings.Queues;

namespace Orchestrator.Hypervisor.Devices.Block;

/// <summary>
/// A disk for a guest. A request's way: chain → <see cref="BlockRequest"/> → device ring (or it waits there, and its queue with it) →
/// <see cref="IDisk"/> → status byte → used ring.
/// </summary>
internal sealed class BlockDevice : VirtioDevice, IDisposable
{
    /// <summary>Requests of one queue in one pass, so that every other device has its turn soon.</summary>
    private const int Budget = 32;

    private readonly RingMember _member;
    private readonly DescriptorChain _chain = new();
    private readonly Stack<BlockRequest> _free = new();
    private readonly BlockRequest?[] _waiting;
    private readonly byte[] _configuration;
    private IDisk _disk;
    private bool _isHeld;
    private Action? _whenHeld;

    /// <param name="serial">What a guest finds in <c>/sys/block/vdX/serial</c>; 20 bytes of it.</param>
    public BlockDevice(DeviceLoop loop, ILogger logger, string name, IDisk disk, string serial, int queueCount, DomainLimits limits)
        : base(loop, logger, name, queueCount)
    {
        _disk = disk;
        _member = loop.Disks.Attach(this, limits);
        _waiting = new BlockRequest?[queueCount];
        _configuration = BlockConfiguration.Write(disk.Bytes, queueCount);
        Serial = new byte[BlockFormat.SerialBytes];
        Encoding.ASCII.GetBytes(serial.AsSpan(0, Math.Min(serial.Length, BlockFormat.SerialBytes)), Serial);
    }

    public BlockFigures Figures { get; } = new();

    public RingMember Member => _member;

    public ulong DiskBytes => _disk.Bytes;

    public byte[] Serial { get; }

    public override ulong Features =>
        BlockFormat.SegmentLimit | BlockFormat.BlockSize | BlockFormat.Topology | BlockFormat.Flush | BlockFormat.Discard | BlockFormat.WriteZeroes
        | (_disk.IsReadOnly ? BlockFormat.ReadOnly : 0)
        | (Queues.Count > 1 ? BlockFormat.MultiQueue : 0);

    public override ReadOnlySpan<byte> Configuration => _configuration;

    /// <summary>The disk has another size now; the front-end is told by whoever calls.</summary>
    public void NoteResized() => BlockConfiguration.WriteCapacity(_configuration, _disk.Bytes);

    public void Return(BlockRequest request)
    {
        _free.Push(request);
        TellHeld();
    }

    /// <summary>
    /// Takes no more requests, which wait in the guest's queues, and calls when none has a slot any more; until <see cref="Release"/> its
    /// disk may be exchanged. The guest sees a pause.
    /// </summary>
    /// <param name="whenHeld">Called from the loop itself, never from within a request's end.</param>
    public void Hold(Action whenHeld)
    {
        _isHeld = true;
        _whenHeld = whenHeld;
        TellHeld();
    }

    /// <summary>Another disk that is no smaller; the one before is the caller's.</summary>
    public void Exchange(IDisk disk)
    {
        _disk = disk;
        foreach (var request in _waiting.OfType<BlockRequest>().Concat(_free))
        {
            request.Disk = disk;
        }
    }

    public void Release()
    {
        _isHeld = false;
        Unstall();
    }

    public override void Reset()
    {
        base.Reset();

        // A guest that once had many requests at a time gives their memory back.
        while (_free.TryPop(out var request))
        {
            request.Free();
        }
    }

    /// <summary>Only while it is quiet, on the loop's thread.</summary>
    public void Dispose()
    {
        Reset();
        Loop.Deactivate(this);
        Loop.Disks.Detach(_member);
        _chain.Dispose();
        _disk.Dispose();
    }

    protected override bool Serve(DeviceQueue queue)
    {
        if (_isHeld)
        {
            queue.IsStalled = true;
            return false;
        }

        Drain(queue);
        if (queue.IsStalled)
        {
            return false;
        }

        var ring = queue.Ring!;
        ring.Ignore();
        for (var taken = 0; taken < Budget; taken++)
        {
            if (ring.Take(_chain) is not TakeResult.Taken)
            {
                return taken > 0;
            }

            if (!Accept(queue))
            {
                return true;
            }
        }

        return true;
    }

    protected override void Drain(DeviceQueue queue)
    {
        if (_isHeld)
        {
            queue.IsStalled = true;
        }
        else if (_waiting[queue.Index] is { } waiting)
        {
            queue.IsStalled = !Loop.Disks.TryAdmit(_member, waiting);
            _waiting[queue.Index] = queue.IsStalled ? waiting : null;
        }
    }

    private void TellHeld()
    {
        if (_whenHeld is { } tell && _member.SlotsInUse == 0)
        {
            _whenHeld = null;
            Loop.Post(tell);
        }
    }

    /// <summary>False if the queue can't go on for now.</summary>
    private bool Accept(DeviceQueue queue)
    {
        if (!_free.TryPop(out var request))
        {
            request = new BlockRequest(this, _disk);
        }

        switch (request.Parse(queue, _chain))
        {
            case BlockVerdict.Malformed:
                Return(request);
                queue.Ring!.Abandon();
                queue.Ring.Break(QueueFault.RequestMalformed);
                return false;
            case BlockVerdict.Disk when !Loop.Disks.TryAdmit(_member, request):
                _waiting[queue.Index] = request;
                queue.IsStalled = true;
                return false;
            default:
                return true;
        }
    }
}
