using System.Runtime.CompilerServices;
using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.Rings.Queues;

/// <summary>A split virtqueue: a table of descriptors, a ring of available chains and a ring of used ones (section 2.7).</summary>
internal sealed unsafe class SplitQueue : Virtqueue
{
    private const int DescriptorBytes = 16;
    private const ushort NoKick = 1;
    private const ushort NoSignal = 1;

    // Both rings begin with flags and index, 16 bits each.
    private const int RingHeaderBytes = 4;
    private const int UsedEntryBytes = 8;

    private readonly QueueFeatures _features;
    private readonly InflightLog? _inflight;
    private readonly bool[] _taken;

    // Taken by an earlier dom0 and never shown as used: they come first, in their old order.
    private readonly Queue<ushort> _again = new();

    // Sound: each points at a whole ring inside one region of Memory, which stays mapped while the queue exists.
    private readonly byte* _descriptors;
    private readonly byte* _available;
    private readonly byte* _used;
    private ushort _nextAvailable;
    private ushort _availableSeen;
    private ushort _nextUsed;
    private ushort _published;
    private bool _neverSignalled = true;

    private SplitQueue(GuestMemory memory, ushort size, QueueFeatures features, MappedRing ring, InflightLog? inflight)
        : base(memory, size)
    {
        _features = features;
        _descriptors = ring.Descriptors;
        _available = ring.Driver;
        _used = ring.Device;
        _inflight = inflight;
        _taken = new bool[size];
    }

    public override uint Position => _nextAvailable;

    public override ulong WrittenRingBytes => UsedRingBytes(Size);

    public override bool HasWork => _again.Count > 0 || Volatile.Read(ref AvailableIndex) != _nextAvailable;

    private ref ushort AvailableFlags => ref Unsafe.AsRef<ushort>(_available);

    private ref ushort AvailableIndex => ref Unsafe.AsRef<ushort>(_available + 2);

    private ref ushort UsedFlags => ref Unsafe.AsRef<ushort>(_used);

    private ref ushort UsedIndex => ref Unsafe.AsRef<ushort>(_used + 2);

    // Each side's wish about the other's notifications stands behind its ring.
    private ref ushort UsedEvent => ref Unsafe.AsRef<ushort>(_available + RingHeaderBytes + (2 * Size));

    private ref ushort AvailableEvent => ref Unsafe.AsRef<ushort>(_used + RingHeaderBytes + (UsedEntryBytes * Size));

    /// <summary>The queue at its place, or what is wrong with the place.</summary>
    /// <param name="position">The first available entry that was not taken yet, as far as the front-end knows; null if nobody knows.</param>
    public static SplitQueue? TryOpen(
        GuestMemory memory, QueuePlace place, QueueFeatures features, uint? position, InflightLog? inflight, out QueueFault fault)
    {
        if (place.Size is 0 or > LargestSize || !ushort.IsPow2(place.Size))
        {
            fault = QueueFault.SizeInvalid;
            return null;
        }

        var shape = new RingShape(
            (ulong)place.Size * DescriptorBytes, RingHeaderBytes + (2UL * place.Size) + 2, UsedRingBytes(place.Size), DriverAlignment: 2, DeviceAlignment: 4);
        if (MappedRing.Of(memory, place, shape, out fault) is not { } ring)
        {
            return null;
        }

        var queue = new SplitQueue(memory, place.Size, features, ring, inflight);
        queue.Resume(position);
        return queue;
    }

    public TakeResult TakeNext(DescriptorChain chain)
    {
        if (Fault is not QueueFault.None)
        {
            return TakeResult.Broken;
        }

        if (_again.TryDequeue(out var before))
        {
            return Hand(before, chain);
        }

        if (_nextAvailable == _availableSeen)
        {
            // The acquire: what the driver wrote before the index is seen after it.
            var index = Volatile.Read(ref AvailableIndex);
            if (index == _nextAvailable)
            {
                return TakeResult.Empty;
            }

            if ((ushort)(index - _nextAvailable) > Size)
            {
                return Break(QueueFault.AvailIndexJumped);
            }

            _availableSeen = index;
        }

        var head = Volatile.Read(ref Unsafe.AsRef<ushort>(_available + RingHeaderBytes + (2 * (_nextAvailable & (Size - 1)))));
        if (head >= Size)
        {
            return Break(QueueFault.HeadOutOfRange);
        }

        if (_taken[head])
        {
            return Break(QueueFault.HeadInFlight);
        }

        // From here on it is on record, and an end of ours at any moment leaves it to the next of us.
        _inflight?.Begin(head);
        _nextAvailable++;
        return Hand(head, chain);
    }

    public void CompleteChain(ushort head, uint writtenBytes)
    {
        var entry = _used + RingHeaderBytes + (UsedEntryBytes * (_nextUsed & (Size - 1)));
        Volatile.Write(ref Unsafe.AsRef<uint>(entry), head);
        Volatile.Write(ref Unsafe.AsRef<uint>(entry + 4), writtenBytes);
        _nextUsed++;
        InFlight--;
        _taken[head] = false;
        _inflight?.Complete(head);
    }

    protected override bool PublishBatch()
    {
        if (_nextUsed == _published)
        {
            return false;
        }

        Volatile.Write(ref UsedIndex, _nextUsed);
        _inflight?.Published(_nextUsed);

        // Without a full fence the wish could be read before the index is seen: both sides would wait for each other.
        Interlocked.MemoryBarrier();
        var before = _published;
        _published = _nextUsed;
        if (!_features.EventIndex)
        {
            return (Volatile.Read(ref AvailableFlags) & NoSignal) == 0;
        }

        var wanted = Volatile.Read(ref UsedEvent);
        var signal = _neverSignalled || (ushort)(_nextUsed - wanted - 1) < (ushort)(_nextUsed - before);
        _neverSignalled = false;
        return signal;
    }

    protected override bool AskForKicks()
    {
        if (_features.EventIndex)
        {
            Volatile.Write(ref AvailableEvent, _nextAvailable);
        }
        else
        {
            Volatile.Write(ref UsedFlags, 0);
        }

        // As in Publish, the other way round.
        Interlocked.MemoryBarrier();
        return HasWork;
    }

    protected override void RefuseKicks()
    {
        // With the event index it is enough not to move it on: the driver kicks only where it stands.
        if (!_features.EventIndex)
        {
            Volatile.Write(ref UsedFlags, NoKick);
        }
    }

    private static ulong UsedRingBytes(int size) => RingHeaderBytes + ((ulong)UsedEntryBytes * (ulong)size) + 2;

    private void Resume(uint? position)
    {
        _nextUsed = Volatile.Read(ref UsedIndex);
        _published = _nextUsed;
        foreach (var head in _inflight?.Recover(_nextUsed) ?? [])
        {
            _again.Enqueue(head);
        }

        // Every chain that was ever taken is either used or to be done again.
        _nextAvailable = _again.Count > 0 || position is null ? (ushort)(_nextUsed + _again.Count) : (ushort)position.Value;
        _availableSeen = _nextAvailable;
    }

    private TakeResult Hand(ushort head, DescriptorChain chain)
    {
        chain.Begin(head);
        var reader = new SplitChainReader(Memory, chain, _features.Indirect, Size);
        var fault = reader.Read(_descriptors, Size, head);
        if (fault is not QueueFault.None)
        {
            return Break(fault);
        }

        _taken[head] = true;
        InFlight++;
        return TakeResult.Taken;
    }
}
