using System.Runtime.CompilerServices;
using Orchestrator.Hypervisor.Rings.Queues;

namespace Orchestrator.Hypervisor.Tests.FrontEnd;

/// <summary>
/// The driver's side of a split virtqueue, written from the specification and not from our device. Every field of the ring can also be
/// written as it likes: that is what a hostile guest does.
/// </summary>
internal sealed unsafe class DriverQueue : DriverRing
{
    public const ushort Next = 1;
    public const ushort Write = 2;
    public const ushort Indirect = 4;

    private readonly Stack<ushort> _free = new();
    private readonly ushort[] _lengths;
    private ushort _available;
    private ushort _lastKicked;
    private ushort _usedSeen;

    public DriverQueue(SharedGuest guest, ushort size, bool eventIndex)
        : base(guest, eventIndex, new QueuePlace(size, guest.Allocate(16 * size), guest.Allocate(6 + (2 * size), 2), guest.Allocate(6 + (8 * size), 4096)))
    {
        _lengths = new ushort[size];
        for (var i = size - 1; i >= 0; i--)
        {
            _free.Push((ushort)i);
        }
    }

    public override uint StartPosition => 0;

    public override int FreeDescriptors => _free.Count;

    public ref ushort AvailableFlags => ref Unsafe.AsRef<ushort>(Guest.At(Place.Driver));

    public ref ushort AvailableIndex => ref Unsafe.AsRef<ushort>(Guest.At(Place.Driver) + 2);

    public ref ushort UsedEvent => ref Unsafe.AsRef<ushort>(Guest.At(Place.Driver) + 4 + (2 * Size));

    public ref ushort UsedFlags => ref Unsafe.AsRef<ushort>(Guest.At(Place.Device));

    public ref ushort UsedIndex => ref Unsafe.AsRef<ushort>(Guest.At(Place.Device) + 2);

    private ref ushort AvailableEvent => ref Unsafe.AsRef<ushort>(Guest.At(Place.Device) + 4 + (8 * Size));

    public ref ushort AvailableEntry(int index) => ref Unsafe.AsRef<ushort>(Guest.At(Place.Driver) + 4 + (2 * (index & (Size - 1))));

    public void SetDescriptor(ulong table, int index, ulong address, uint length, ushort flags, ushort next)
    {
        var entry = Guest.At(table) + (16 * index);
        Unsafe.AsRef<ulong>(entry) = address;
        Unsafe.AsRef<uint>(entry + 8) = length;
        Unsafe.AsRef<ushort>(entry + 12) = flags;
        Unsafe.AsRef<ushort>(entry + 14) = next;
    }

    /// <summary>Offers a chain; its head. It is the device's with the next <see cref="Expose"/>.</summary>
    public override ushort Add(params ReadOnlySpan<DriverBuffer> buffers)
    {
        Span<ushort> indices = stackalloc ushort[buffers.Length];
        for (var i = 0; i < buffers.Length; i++)
        {
            indices[i] = _free.Pop();
        }

        for (var i = 0; i < buffers.Length; i++)
        {
            var last = i == buffers.Length - 1;
            SetDescriptor(
                Place.Descriptors, indices[i], buffers[i].Address, buffers[i].Length,
                (ushort)((last ? 0 : Next) | (buffers[i].DeviceWrites ? Write : 0)), last ? (ushort)0 : indices[i + 1]);
        }

        _lengths[indices[0]] = (ushort)buffers.Length;
        Offer(indices[0]);
        return indices[0];
    }

    /// <summary>Offers a chain that stands in a table of its own; its head.</summary>
    public override ushort AddIndirect(ulong table, params ReadOnlySpan<DriverBuffer> buffers)
    {
        for (var i = 0; i < buffers.Length; i++)
        {
            var last = i == buffers.Length - 1;
            SetDescriptor(
                table, i, buffers[i].Address, buffers[i].Length,
                (ushort)((last ? 0 : Next) | (buffers[i].DeviceWrites ? Write : 0)), (ushort)(i + 1));
        }

        var head = _free.Pop();
        SetDescriptor(Place.Descriptors, head, table, (uint)(16 * buffers.Length), Indirect, 0);
        _lengths[head] = 1;
        Offer(head);
        return head;
    }

    public void Offer(ushort head) => AvailableEntry(_available++) = head;

    /// <summary>Shows the device all that was offered. True if it wants a kick.</summary>
    public override bool Expose()
    {
        Volatile.Write(ref AvailableIndex, _available);
        Interlocked.MemoryBarrier();
        var before = _lastKicked;
        _lastKicked = _available;
        return HasEventIndex
            ? (ushort)(_available - Volatile.Read(ref AvailableEvent) - 1) < (ushort)(_available - before)
            : (Volatile.Read(ref UsedFlags) & 1) == 0;
    }

    /// <summary>The next used chain, and how much the device says that it wrote.</summary>
    public override bool TryCollect(out ushort head, out uint written)
    {
        if (Volatile.Read(ref UsedIndex) == _usedSeen)
        {
            (head, written) = (0, 0);
            return false;
        }

        var entry = Guest.At(Place.Device) + 4 + (8 * (_usedSeen & (Size - 1)));
        head = (ushort)Unsafe.AsRef<uint>(entry);
        written = Unsafe.AsRef<uint>(entry + 4);
        _usedSeen++;
        Free(head);
        return true;
    }

    /// <summary>Asks to be told at the next used chain. True if there is one already.</summary>
    public override bool Listen()
    {
        if (HasEventIndex)
        {
            Volatile.Write(ref UsedEvent, _usedSeen);
        }
        else
        {
            Volatile.Write(ref AvailableFlags, 0);
        }

        Interlocked.MemoryBarrier();
        return Volatile.Read(ref UsedIndex) != _usedSeen;
    }

    private void Free(ushort head)
    {
        var table = Guest.At(Place.Descriptors);
        var index = head;
        for (var left = _lengths[head]; left > 0; left--)
        {
            _free.Push(index);
            index = Unsafe.AsRef<ushort>(table + (16 * index) + 14);
        }
    }
}
