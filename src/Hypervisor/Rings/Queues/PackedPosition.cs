namespace Orchestrator.Hypervisor.Rings.Queues;

/// <summary>
/// Where a side of a packed ring stands. Laps take turns in the value of the wrap counter, so two of them are counted as one run of
/// places: in the first of them the counter is set, as it is when a ring is new.
/// </summary>
internal readonly record struct PackedPosition(int Place, int Size)
{
    private const ushort WrapBit = 0x8000;

    public int Index => Place < Size ? Place : Place - Size;

    public bool Wrap => Place < Size;

    /// <summary>As it is written wherever it is written: the index, and the wrap counter in the highest bit.</summary>
    public ushort Word => (ushort)(Wrap ? Index | WrapBit : Index);

    /// <summary>Null if no ring of that size has such a place.</summary>
    public static PackedPosition? Of(ushort word, int size)
    {
        var index = word & ~WrapBit;
        return index < size ? new PackedPosition((word & WrapBit) != 0 ? index : index + size, size) : null;
    }

    /// <param name="count">At most the ring's size.</param>
    public PackedPosition Plus(int count)
    {
        var place = Place + count;
        return new PackedPosition(place < 2 * Size ? place : place - (2 * Size), Size);
    }

    /// <summary>How many places later the other is.</summary>
    public int DistanceTo(PackedPosition later)
    {
        var distance = later.Place - Place;
        return distance < 0 ? distance + (2 * Size) : distance;
    }
}
