using System.Runtime.CompilerServices;
using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.Rings.Queues;

/// <summary>
/// A packed virtqueue: one ring, in which the driver writes available descriptors and the device used ones over them (section 2.8). A
/// chain in flight is known by the first of the slots that hold it, whatever id its driver gave it: ids may lie, slots are ours.
/// </summary>
internal sealed unsafe class PackedQueue : Virtqueue
{
    private readonly QueueFeatures _features;
    private readonly PackedLog? _log;

    // Sound: each points at a whole part of the ring inside one region of Memory, which stays mapped while the queue exists.
    private readonly byte* _ring;
    private readonly uint* _driverWish;
    private readonly uint* _deviceWish;

    private readonly PackedSlots _slots;
    private readonly ushort[] _batch;

    // Taken by an earlier dom0 and never shown as used: they come first, in their old order.
    private readonly Queue<ushort> _again = new();
    private int _batchCount;
    private PackedPosition _available;
    private PackedPosition _used;
    private PackedPosition _published;
    private ushort _firstFlags;
    private bool _neverSignalled = true;

    private PackedQueue(GuestMemory memory, ushort size, QueueFeatures features, MappedRing ring, PackedLog? log)
        : base(memory, size)
    {
        _features = features;
        _ring = ring.Descriptors;
        _driverWish = (uint*)ring.Driver;
        _deviceWish = (uint*)ring.Device;
        _log = log;
        _slots = new PackedSlots(size);
        _batch = new ushort[size];
    }

    /// <summary>The available side's word, and above it the used side's.</summary>
    public override uint Position => _available.Word | ((uint)_used.Word << 16);

    public override ulong WrittenRingBytes => PackedFormat.EventBytes;

    public override bool HasWork =>
        _again.Count > 0 || PackedFormat.IsAvailableAt(Volatile.Read(ref Word(_available.Index)), _available);

    /// <summary>The queue at its place, or what is wrong with the place.</summary>
    /// <param name="position">Where the front-end says that both sides stand; null if nobody knows but the log.</param>
    public static PackedQueue? TryOpen(
        GuestMemory memory, QueuePlace place, QueueFeatures features, uint? position, PackedLog? log, out QueueFault fault)
    {
        if (place.Size is 0 or > LargestSize)
        {
            fault = QueueFault.SizeInvalid;
            return null;
        }

        var shape = new RingShape(
            (ulong)place.Size * PackedFormat.DescriptorBytes, PackedFormat.EventBytes, PackedFormat.EventBytes, DriverAlignment: 4, DeviceAlignment: 4);
        if (MappedRing.Of(memory, place, shape, out fault) is not { } ring)
        {
            return null;
        }

        var queue = new PackedQueue(memory, place.Size, features, ring, log);
        fault = queue.Resume(position);
        return fault is QueueFault.None ? queue : null;
    }

    public TakeResult TakeNext(DescriptorChain chain)
    {
        if (Fault is not QueueFault.None)
        {
            return TakeResult.Broken;
        }

        if (_again.TryDequeue(out var before))
        {
            return TakeAgain(before, chain);
        }

        // The acquire: what the driver wrote before these flags is seen after them.
        var word = Volatile.Read(ref Word(_available.Index));
        return PackedFormat.IsAvailableAt(word, _available) ? TakeNew(word, chain) : TakeResult.Empty;
    }

    public void CompleteChain(ushort head, uint writtenBytes)
    {
        var entry = _ring + (_used.Index * PackedFormat.DescriptorBytes);
        var flags = (ushort)((_used.Wrap ? PackedFormat.IsAvailable | PackedFormat.IsUsed : 0) | (writtenBytes > 0 ? PackedFormat.DeviceWrites : 0));
        if (_batchCount == 0)
        {
            // The flags of a batch's first are written last: with them the driver sees all of it.
            _firstFlags = flags;
            Volatile.Write(ref Unsafe.AsRef<uint>(entry + PackedFormat.WordAt), writtenBytes);
            Volatile.Write(ref Unsafe.AsRef<ushort>(entry + PackedFormat.IdAt), _slots.IdOf(head));
        }
        else
        {
            Volatile.Write(ref Word(_used.Index), writtenBytes | ((ulong)_slots.IdOf(head) << 32) | ((ulong)flags << 48));
        }

        _used = _used.Plus(_slots.CountOf(head));
        _batch[_batchCount++] = head;
        InFlight--;
        _log?.Complete(head, _used);
    }

    protected override bool PublishBatch()
    {
        if (_batchCount == 0)
        {
            return false;
        }

        Volatile.Write(ref Flags(_published.Index), _firstFlags);
        var batch = _batch.AsSpan(0, _batchCount);
        _log?.Strike(batch);
        foreach (var head in batch)
        {
            _slots.Release(head);
        }

        _batchCount = 0;
        var before = _published;
        _published = _used;

        // Without a full fence the wish could be read before the batch is seen: both sides would wait for each other.
        Interlocked.MemoryBarrier();
        return IsWanted(Volatile.Read(ref *_driverWish), before);
    }

    protected override bool AskForKicks()
    {
        Volatile.Write(ref *_deviceWish, _features.EventIndex ? _available.Word | (PackedFormat.AtPosition << 16) : PackedFormat.Always << 16);

        // As in Publish, the other way round.
        Interlocked.MemoryBarrier();
        return HasWork;
    }

    protected override void RefuseKicks()
    {
        // With the event index it is enough not to move it on: the driver kicks only where it stands.
        if (!_features.EventIndex)
        {
            Volatile.Write(ref *_deviceWish, PackedFormat.Never << 16);
        }
    }

    private bool IsWanted(uint wish, PackedPosition before)
    {
        var first = _neverSignalled;
        _neverSignalled = false;
        return (wish >> 16 & 3) switch
        {
            PackedFormat.Never => false,
            PackedFormat.AtPosition when _features.EventIndex && PackedPosition.Of((ushort)wish, Size) is { } wanted =>
                first || before.DistanceTo(wanted) < before.DistanceTo(_published),
            _ => true,
        };
    }

    private QueueFault Resume(uint? position)
    {
        if (_log?.Recover(_ring) is { } record)
        {
            return Resume(record);
        }

        // Nothing is in flight: both sides stand at one place. A front-end that knows no packed rings says 0 for a new one, whose wrap
        // counter the ring itself tells: where the device goes on, it has used nothing in this lap.
        var start = position is 0 ? new PackedPosition(PackedFormat.WasUsedAt(Volatile.Read(ref Word(0)), new(0, Size)) ? Size : 0, Size)
            : position is { } told ? PackedPosition.Of((ushort)told, Size) : null;
        if (start is not { } known)
        {
            return QueueFault.PositionUnknown;
        }

        _available = _used = _published = known;
        _log?.Begin(known);
        return QueueFault.None;
    }

    private QueueFault Resume(PackedRecord record)
    {
        _available = _used = _published = record.Used;
        foreach (var slots in record.Chains)
        {
            _slots.Occupy(slots);
            _again.Enqueue(slots[0]);

            // Half of a batch that was never shown may stand here: the driver must not take it for one of ours.
            for (var left = slots.Length; left > 0; left--)
            {
                Flags(_available.Index) = _available.Wrap ? PackedFormat.IsAvailable : PackedFormat.IsUsed;
                _available = _available.Plus(1);
            }
        }

        _slots.FreeAllOthers();
        return QueueFault.None;
    }

    private TakeResult TakeNew(ulong word, DescriptorChain chain)
    {
        var (at, count, head) = (_available, 0, _slots.Next(0));
        chain.Begin(head);
        var reader = new PackedChainReader(Memory, chain, _features.Indirect, Size);
        while (true)
        {
            if (count == _slots.FreeCount)
            {
                // More descriptors than the ring has are open: some are offered again before they were used.
                return Break(QueueFault.HeadInFlight);
            }

            // With the word, the only two reads of this descriptor.
            var address = Volatile.Read(ref Unsafe.AsRef<ulong>(_ring + (at.Index * PackedFormat.DescriptorBytes)));
            var fault = reader.Append(address, word);
            if (fault is not QueueFault.None)
            {
                return Break(fault);
            }

            _log?.Keep(_slots.Next(count), _slots.Next(count + 1), address, word);
            (at, count) = (at.Plus(1), count + 1);
            if ((PackedFormat.FlagsOf(word) & PackedFormat.HasNext) == 0)
            {
                break;
            }

            word = Volatile.Read(ref Word(at.Index));
            if (!PackedFormat.IsAvailableAt(word, at))
            {
                return Break(count == Size ? QueueFault.ChainTooLong : QueueFault.NextUnavailable);
            }
        }

        _slots.Take(count, (ushort)(word >> 32));
        _available = at;
        InFlight++;
        _log?.Begin(head, (ushort)count);
        return TakeResult.Taken;
    }

    /// <summary>A chain that an earlier dom0 had taken, from the log: in the ring it may be overwritten.</summary>
    private TakeResult TakeAgain(ushort head, DescriptorChain chain)
    {
        chain.Begin(head);
        var reader = new PackedChainReader(Memory, chain, _features.Indirect, Size);
        var (slot, word) = (head, 0UL);
        for (var left = _slots.CountOf(head); left > 0; left--)
        {
            (var address, word) = _log!.Read(slot);
            var fault = reader.Append(address, word);
            if (fault is not QueueFault.None)
            {
                return Break(fault);
            }

            slot = _slots.After(slot);
        }

        _slots.SetId(head, (ushort)(word >> 32));
        InFlight++;
        return TakeResult.Taken;
    }

    private ref ushort Flags(int index) => ref Unsafe.AsRef<ushort>(_ring + (index * PackedFormat.DescriptorBytes) + PackedFormat.FlagsAt);

    private ref ulong Word(int index) => ref Unsafe.AsRef<ulong>(_ring + (index * PackedFormat.DescriptorBytes) + PackedFormat.WordAt);
}
