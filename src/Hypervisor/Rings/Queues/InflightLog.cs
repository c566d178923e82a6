using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Orchestrator.Hypervisor.Rings.Queues;

/// <summary>
/// What a split queue has taken and not given back, in memory that outlives dom0 (vhost-user, "Inflight I/O tracking"): a kill at any
/// instruction leaves it so that the next dom0 finds exactly the chains whose use the driver has not seen. Another process may hold the
/// memory too: what it says is checked like anything else of a guest.
/// </summary>
internal sealed unsafe class InflightLog
{
    private const int HeaderBytes = 16;
    private const int EntryBytes = 16;
    private const int RegionAlignment = 64;
    private const ushort Version = 1;

    private readonly ushort _size;

    // Sound: BytesOf(_size) bytes of a mapping that the device keeps as long as its queues.
    private readonly byte* _region;
    private readonly ushort[] _batch;
    private int _batchCount;
    private ulong _counter;

    public InflightLog(byte* region, ushort size)
    {
        _region = region;
        _size = size;
        _batch = new ushort[size];
    }

    private ref ushort LastBatchHead => ref Unsafe.AsRef<ushort>(_region + 12);

    private ref ushort UsedIndex => ref Unsafe.AsRef<ushort>(_region + 14);

    public static ulong BytesOf(int queueSize) =>
        (ulong)((HeaderBytes + (queueSize * EntryBytes) + RegionAlignment - 1) / RegionAlignment * RegionAlignment);

    /// <summary>
    /// The chains to do again, oldest first. Reads the record of an earlier dom0, if there is one, and brings it to where the driver is.
    /// </summary>
    /// <param name="usedIndex">What the driver has seen.</param>
    public ushort[] Recover(ushort usedIndex)
    {
        var version = Volatile.Read(ref Unsafe.AsRef<ushort>(_region + 8));
        var size = Volatile.Read(ref Unsafe.AsRef<ushort>(_region + 10));
        if (version != Version || size != _size)
        {
            Reset(usedIndex);
            return [];
        }

        // The driver has seen a batch whose chains were not yet struck off.
        var head = Volatile.Read(ref LastBatchHead);
        for (var unstruck = (ushort)(usedIndex - Volatile.Read(ref UsedIndex)); unstruck is > 0 && unstruck <= _size && head < _size; unstruck--)
        {
            InFlight(head) = 0;
            head = Volatile.Read(ref Next(head));
        }

        Volatile.Write(ref UsedIndex, usedIndex);
        return Begun();
    }

    public void Begin(ushort head)
    {
        Counter(head) = ++_counter;
        Volatile.Write(ref InFlight(head), 1);
    }

    /// <summary>Among the used ones, not yet shown to the driver.</summary>
    public void Complete(ushort head)
    {
        Next(head) = LastBatchHead;
        Volatile.Write(ref LastBatchHead, head);
        _batch[_batchCount++] = head;
    }

    /// <param name="usedIndex">What the driver sees from now on.</param>
    public void Published(ushort usedIndex)
    {
        for (var i = 0; i < _batchCount; i++)
        {
            InFlight(_batch[i]) = 0;
        }

        _batchCount = 0;
        Volatile.Write(ref UsedIndex, usedIndex);
    }

    private void Reset(ushort usedIndex)
    {
        NativeMemory.Clear(_region, (nuint)BytesOf(_size));
        Unsafe.AsRef<ushort>(_region + 10) = _size;
        UsedIndex = usedIndex;
        Volatile.Write(ref Unsafe.AsRef<ushort>(_region + 8), Version);
    }

    private ushort[] Begun()
    {
        List<(ulong Counter, ushort Head)> begun = [];
        for (ushort head = 0; head < _size; head++)
        {
            if (Volatile.Read(ref InFlight(head)) != 0)
            {
                begun.Add((Counter(head), head));
            }
        }

        begun.Sort();
        _counter = begun.Count > 0 ? begun[^1].Counter : 0;
        return [.. begun.Select(entry => entry.Head)];
    }

    private ref byte InFlight(ushort head) => ref Unsafe.AsRef<byte>(Entry(head));

    private ref ushort Next(ushort head) => ref Unsafe.AsRef<ushort>(Entry(head) + 6);

    private ref ulong Counter(ushort head) => ref Unsafe.AsRef<ulong>(Entry(head) + 8);

    private byte* Entry(ushort head) => _region + HeaderBytes + (head * EntryBytes);
}
