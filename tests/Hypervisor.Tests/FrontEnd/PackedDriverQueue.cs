using System.Runtime.CompilerServices;
using Orchestrator.Hypervisor.Rings.Queues;

namespace Orchestrator.Hypervisor.Tests.FrontEnd;

/// <summary>
/// The driver's side of a packed virtqueue, written from the specification and not from our device: indices and wrap counters, as a kernel
/// keeps them. Every field of the ring can also be written as it likes.
/// </summary>
internal sealed unsafe class PackedDriverQueue : DriverRing
{
    public const ushort Next = 1;
    public const ushort Write = 2;
    public const ushort Indirect = 4;
    public const ushort Available = 1 << 7;
    public const ushort Used = 1 << 15;

    private readonly Stack<ushort> _ids = new();
    private readonly ushort[] _lengths;
    private int _freeDescriptors;
    private int _next;
    private bool _nextWrap = true;
    private int _usedNext;
    private bool _usedWrap = true;

    // The flags of the first descriptor that was offered and not exposed yet, and where it stands.
    private ushort _hiddenFlags;
    private int _hiddenAt = -1;
    private int _offered;

    public PackedDriverQueue(SharedGuest guest, ushort size, bool eventIndex)
        : base(guest, eventIndex, new QueuePlace(size, guest.Allocate(16 * size), guest.Allocate(4, 4), guest.Allocate(4, 4096)))
    {
        _lengths = new ushort[size];
        _freeDescriptors = size;
        for (var i = size - 1; i >= 0; i--)
        {
            _ids.Push((ushort)i);
        }
    }

    public override uint StartPosition => 0x8000_8000;

    public override int FreeDescriptors => _freeDescriptors;

    public ref ushort DriverEvent => ref Unsafe.AsRef<ushort>(Guest.At(Place.Driver));

    public ref ushort DriverEventFlags => ref Unsafe.AsRef<ushort>(Guest.At(Place.Driver) + 2);

    private ref uint DeviceWish => ref Unsafe.AsRef<uint>(Guest.At(Place.Device));

    /// <summary>The flags that say "available" in the lap with that wrap counter.</summary>
    public static ushort Offered(bool wrap) => wrap ? Available : Used;

    public void SetDescriptor(ulong table, int index, ulong address, uint length, ushort id, ushort flags)
    {
        var entry = Guest.At(table) + (16 * index);
        Unsafe.AsRef<ulong>(entry) = address;
        Unsafe.AsRef<uint>(entry + 8) = length;
        Unsafe.AsRef<ushort>(entry + 12) = id;
        Volatile.Write(ref Unsafe.AsRef<ushort>(entry + 14), flags);
    }

    public ref ushort FlagsAt(int index) => ref Unsafe.AsRef<ushort>(Guest.At(Place.Descriptors) + (16 * index) + 14);

    public override ushort Add(params ReadOnlySpan<DriverBuffer> buffers)
    {
        var id = _ids.Pop();
        _lengths[id] = (ushort)buffers.Length;
        for (var i = 0; i < buffers.Length; i++)
        {
            Put(buffers[i].Address, buffers[i].Length, id, (ushort)((i == buffers.Length - 1 ? 0 : Next) | (buffers[i].DeviceWrites ? Write : 0)));
        }

        return id;
    }

    public override ushort AddIndirect(ulong table, params ReadOnlySpan<DriverBuffer> buffers)
    {
        for (var i = 0; i < buffers.Length; i++)
        {
            SetDescriptor(table, i, buffers[i].Address, buffers[i].Length, 0, buffers[i].DeviceWrites ? Write : (ushort)0);
        }

        var id = _ids.Pop();
        _lengths[id] = 1;
        Put(table, (uint)(16 * buffers.Length), id, Indirect);
        return id;
    }

    public override bool Expose()
    {
        if (_hiddenAt < 0)
        {
            return false;
        }

        Volatile.Write(ref FlagsAt(_hiddenAt), _hiddenFlags);
        _hiddenAt = -1;
        var offered = _offered;
        _offered = 0;
        Interlocked.MemoryBarrier();
        var wish = Volatile.Read(ref DeviceWish);
        var (at, wrap, flags) = ((int)(wish & 0x7FFF), (wish & 0x8000) != 0, wish >> 16);
        if (flags != 2)
        {
            return flags != 1;
        }

        // As vring_need_event, in 16 bits: an event of the lap before is one ring earlier.
        var place = wrap == _nextWrap ? at : at - Size;
        return (ushort)(_next - place - 1) < (ushort)offered;
    }

    public override bool TryCollect(out ushort head, out uint written)
    {
        (head, written) = (0, 0);
        if (!IsUsedNext())
        {
            return false;
        }

        var entry = Guest.At(Place.Descriptors) + (16 * _usedNext);
        head = Unsafe.AsRef<ushort>(entry + 12);
        written = Unsafe.AsRef<uint>(entry + 8);
        var length = _lengths[head];
        _lengths[head] = 0;
        _freeDescriptors += length;
        _ids.Push(head);
        _usedNext += length;
        if (_usedNext >= Size)
        {
            _usedNext -= Size;
            _usedWrap = !_usedWrap;
        }

        return length > 0 ? true : throw new InvalidDataException($"chain {head} is used and was never offered");
    }

    public override bool Listen()
    {
        if (HasEventIndex)
        {
            DriverEvent = (ushort)(_usedNext | (_usedWrap ? 0x8000 : 0));
            Volatile.Write(ref DriverEventFlags, 2);
        }
        else
        {
            Volatile.Write(ref DriverEventFlags, 0);
        }

        Interlocked.MemoryBarrier();
        return IsUsedNext();
    }

    private bool IsUsedNext() =>
        (Volatile.Read(ref FlagsAt(_usedNext)) & (Available | Used)) == (_usedWrap ? Available | Used : 0);

    private void Put(ulong address, uint length, ushort id, ushort flags)
    {
        flags |= Offered(_nextWrap);
        if (_hiddenAt < 0)
        {
            (_hiddenAt, _hiddenFlags) = (_next, flags);
            flags = FlagsAt(_next);
        }

        SetDescriptor(Place.Descriptors, _next, address, length, id, flags);
        _freeDescriptors--;
        _offered++;
        if (++_next == Size)
        {
            _next = 0;
            _nextWrap = !_nextWrap;
        }
    }
}
