namespace Orchestrator.Hypervisor.Rings.Queues;

/// <summary>
/// A slot for each descriptor of each chain, from when it is taken until the driver sees it used. There are as many as the ring has
/// descriptors, so a driver that offers more than it may finds none. A chain's first slot is its name; its others follow.
/// </summary>
internal sealed class PackedSlots
{
    private readonly ushort[] _free;
    private readonly ushort[] _after;
    private readonly ushort[] _counts;
    private readonly ushort[] _ids;
    private int _freeCount;

    public PackedSlots(ushort size)
    {
        (_free, _after, _counts, _ids) = (new ushort[size], new ushort[size], new ushort[size], new ushort[size]);
        FreeAllOthers();
    }

    public int FreeCount => _freeCount;

    /// <summary>Which free slot is taken next, after so many others; any, if there is none.</summary>
    public ushort Next(int others) => _free[Math.Max(0, _freeCount - 1 - others)];

    public ushort After(ushort slot) => _after[slot];

    public int CountOf(ushort head) => _counts[head];

    /// <summary>The driver's own name for the chain.</summary>
    public ushort IdOf(ushort head) => _ids[head];

    public void SetId(ushort head, ushort id) => _ids[head] = id;

    /// <summary>Takes the next slots for one chain.</summary>
    public void Take(int count, ushort id)
    {
        var head = Next(0);
        for (var i = 1; i < count; i++)
        {
            _after[Next(i - 1)] = Next(i);
        }

        (_counts[head], _ids[head]) = ((ushort)count, id);
        _freeCount -= count;
    }

    public void Release(ushort head)
    {
        var slot = head;
        for (var left = _counts[head]; left > 0; left--)
        {
            _free[_freeCount++] = slot;
            slot = _after[slot];
        }

        _counts[head] = 0;
    }

    /// <summary>A chain of an earlier dom0, in the slots where that one had it.</summary>
    public void Occupy(ushort[] slots)
    {
        for (var i = 1; i < slots.Length; i++)
        {
            _after[slots[i - 1]] = slots[i];
        }

        _counts[slots[0]] = (ushort)slots.Length;
    }

    public void FreeAllOthers()
    {
        var isTaken = new bool[_free.Length];
        for (ushort head = 0; head < _counts.Length; head++)
        {
            var slot = head;
            for (var left = _counts[head]; left > 0; left--)
            {
                isTaken[slot] = true;
                slot = _after[slot];
            }
        }

        _freeCount = 0;
        for (ushort slot = 0; slot < _free.Length; slot++)
        {
            _free[_freeCount] = slot;
            _freeCount += isTaken[slot] ? 0 : 1;
        }
    }
}
