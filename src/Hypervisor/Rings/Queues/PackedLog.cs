using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Orchestrator.Hypervisor.Rings.Queues;

/// <summary>
/// What a packed queue has taken and not given back, in memory that outlives dom0; <see cref="InflightLog"/> is the split queue's. A packed
/// ring's used entries overwrite its descriptors, so those of a chain are kept here too: one slot each, the first stands for the chain.
/// The layout is ours: nobody but dom0 reads it. Another process may hold the memory too: what it says is checked like anything of a guest.
/// </summary>
internal sealed unsafe class PackedLog
{
    private const int HeaderBytes = 64;
    private const int SlotBytes = 32;
    private const ushort Version = 0x5001;
    private const ushort None = 0xFFFF;

    private readonly ushort _size;

    // Sound: BytesOf(_size) bytes of a mapping that the device keeps as long as its queues.
    private readonly byte* _region;
    private ulong _counter;

    public PackedLog(byte* region, ushort size)
    {
        _region = region;
        _size = size;
    }

    private ref ushort RecordVersion => ref Unsafe.AsRef<ushort>(_region + 8);

    private ref ushort RecordSize => ref Unsafe.AsRef<ushort>(_region + 10);

    private ref ushort Used => ref Unsafe.AsRef<ushort>(_region + 12);

    /// <summary>Where the used side stands when the driver has seen the batch.</summary>
    private ref ushort BatchUsed => ref Unsafe.AsRef<ushort>(_region + 14);

    private ref ushort BatchHead => ref Unsafe.AsRef<ushort>(_region + 16);

    public static ulong BytesOf(int queueSize) => (ulong)(HeaderBytes + (queueSize * SlotBytes));

    /// <summary>A queue that was stopped in order starts where it is told to.</summary>
    public static void Forget(byte* region) => Volatile.Write(ref Unsafe.AsRef<ushort>(region + 8), 0);

    public void Begin(PackedPosition used)
    {
        NativeMemory.Clear(_region, (nuint)BytesOf(_size));
        (RecordSize, Used, BatchUsed, BatchHead) = (_size, used.Word, used.Word, None);
        Volatile.Write(ref RecordVersion, Version);
    }

    /// <summary>A descriptor of the chain that is being taken.</summary>
    public void Keep(ushort slot, ushort next, ulong address, ulong word)
    {
        var at = At(slot);
        Unsafe.AsRef<ushort>(at + 2) = next;
        Unsafe.AsRef<ulong>(at + 16) = address;
        Unsafe.AsRef<ulong>(at + 24) = word;
    }

    /// <summary>From here on the chain is on record.</summary>
    public void Begin(ushort head, ushort count)
    {
        var at = At(head);
        Unsafe.AsRef<ushort>(at + 4) = count;
        Unsafe.AsRef<ulong>(at + 8) = ++_counter;
        Volatile.Write(ref InFlight(head), 1);
    }

    /// <summary>Among the used ones, not yet shown to the driver.</summary>
    public void Complete(ushort head, PackedPosition used)
    {
        BatchNext(head) = BatchHead;
        Volatile.Write(ref BatchUsed, used.Word);
        Volatile.Write(ref BatchHead, head);
    }

    /// <summary>The driver sees them used.</summary>
    public void Strike(ReadOnlySpan<ushort> batch)
    {
        foreach (var head in batch)
        {
            InFlight(head) = 0;
        }

        EndBatch(Volatile.Read(ref BatchUsed));
    }

    /// <summary>
    /// Reads the record of an earlier dom0, and brings it to where the driver is. Null if there is none that makes sense.
    /// </summary>
    /// <param name="ring">The queue's descriptors: they say whether the driver could see the last batch.</param>
    public PackedRecord? Recover(byte* ring)
    {
        if (Volatile.Read(ref RecordVersion) != Version || Volatile.Read(ref RecordSize) != _size
            || PackedPosition.Of(Volatile.Read(ref Used), _size) is not { } used)
        {
            return null;
        }

        var shown = Volatile.Read(ref Unsafe.AsRef<ulong>(ring + (used.Index * PackedFormat.DescriptorBytes) + PackedFormat.WordAt));
        if (PackedFormat.WasUsedAt(shown, used))
        {
            if (PackedPosition.Of(Volatile.Read(ref BatchUsed), _size) is not { } after)
            {
                return null;
            }

            used = after;
            var head = Volatile.Read(ref BatchHead);
            for (var left = _size; left > 0 && head < _size; left--)
            {
                InFlight(head) = 0;
                head = Volatile.Read(ref BatchNext(head));
            }
        }

        EndBatch(used.Word);
        return Begun(used);
    }

    public (ulong Address, ulong Word) Read(ushort slot) =>
        (Volatile.Read(ref Unsafe.AsRef<ulong>(At(slot) + 16)), Volatile.Read(ref Unsafe.AsRef<ulong>(At(slot) + 24)));

    /// <summary>The chains on record, oldest first; null if two of them want the same slot, or one wants none.</summary>
    private PackedRecord? Begun(PackedPosition used)
    {
        List<(ulong Counter, ushort[] Slots)> chains = [];
        var taken = new bool[_size];
        for (ushort head = 0; head < _size; head++)
        {
            if (Volatile.Read(ref InFlight(head)) == 0)
            {
                continue;
            }

            if (TakeSlots(head, taken) is not { } slots)
            {
                return null;
            }

            chains.Add((Unsafe.AsRef<ulong>(At(head) + 8), slots));
        }

        chains.Sort((one, other) => one.Counter.CompareTo(other.Counter));
        _counter = chains.Count > 0 ? chains[^1].Counter : 0;
        return new PackedRecord(used, [.. chains.Select(chain => chain.Slots)]);
    }

    private ushort[]? TakeSlots(ushort head, bool[] taken)
    {
        var count = Volatile.Read(ref Unsafe.AsRef<ushort>(At(head) + 4));
        if (count == 0 || count > _size)
        {
            return null;
        }

        var slots = new ushort[count];
        var slot = head;
        for (var i = 0; i < count; i++)
        {
            if (slot >= _size || taken[slot])
            {
                return null;
            }

            (slots[i], taken[slot]) = (slot, true);
            slot = Volatile.Read(ref Unsafe.AsRef<ushort>(At(slot) + 2));
        }

        return slots;
    }

    private void EndBatch(ushort used)
    {
        Volatile.Write(ref Used, used);
        Volatile.Write(ref BatchUsed, used);
        Volatile.Write(ref BatchHead, None);
    }

    private ref byte InFlight(ushort head) => ref Unsafe.AsRef<byte>(At(head));

    private ref ushort BatchNext(ushort head) => ref Unsafe.AsRef<ushort>(At(head) + 6);

    private byte* At(ushort slot) => _region + HeaderBytes + (slot * SlotBytes);
}

/// <summary>Where the driver sees the used side, and the slots of each chain that is to be done again, oldest first.</summary>
internal sealed record PackedRecord(PackedPosition Used, IReadOnlyList<ushort[]> Chains);
