namespace Orchestrator.Hypervisor.Memory;

/// <summary>
/// A guest's memory as its devices see it: immutable, so that a request uses one and the same from its first byte to its last. Every
/// address from a guest comes through here; nothing outside the regions is ever reached.
/// </summary>
internal sealed unsafe class GuestMemory
{
    public static readonly GuestMemory Empty = new([]);

    // By guest address, without overlaps.
    private readonly MappedRegion[] _regions;

    private GuestMemory(MappedRegion[] regions)
    {
        _regions = regions;
    }

    public IReadOnlyList<MappedRegion> Regions => _regions;

    public ulong Bytes => _regions.Aggregate(0UL, (sum, region) => sum + region.Place.Length);

    /// <summary>Whether a region's owner has taken pages away: this guest's word is worth nothing from here on.</summary>
    public bool IsTruncated
    {
        get
        {
            foreach (var region in _regions)
            {
                if (region.IsTruncated)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>The memory with one more region, or null if it overlaps another.</summary>
    public GuestMemory? With(MappedRegion added)
    {
        foreach (var region in _regions)
        {
            if (added.Place.GuestAddress - region.Place.GuestAddress < region.Place.Length
                || region.Place.GuestAddress - added.Place.GuestAddress < added.Place.Length)
            {
                return null;
            }
        }

        return new GuestMemory([.. _regions.Append(added).OrderBy(region => region.Place.GuestAddress)]);
    }

    public GuestMemory Without(MappedRegion removed) => new([.. _regions.Where(region => region != removed)]);

    /// <summary>
    /// How many of the bytes from <paramref name="address"/> on lie in one piece, at most <paramref name="length"/>, and where; 0 if the
    /// address is outside.
    /// </summary>
    public ulong Resolve(ulong address, ulong length, out byte* start)
    {
        foreach (var region in _regions)
        {
            // Below the region the difference wraps around and is larger than any length.
            var offset = address - region.Place.GuestAddress;
            if (offset < region.Place.Length)
            {
                start = region.Start + offset;
                return Math.Min(length, region.Place.Length - offset);
            }
        }

        start = null;
        return 0;
    }

    /// <summary>All of the bytes in one piece, or null.</summary>
    public byte* Translate(ulong address, ulong length) => Resolve(address, length, out var start) == length && length > 0 ? start : null;

    /// <summary>The guest's address of what the front-end knows by its own, as far as <paramref name="length"/> bytes are there.</summary>
    public bool TryFindGuestAddress(ulong frontEndAddress, ulong length, out ulong guestAddress)
    {
        foreach (var region in _regions)
        {
            var offset = frontEndAddress - region.Place.FrontEndAddress;
            if (offset < region.Place.Length && length <= region.Place.Length - offset)
            {
                guestAddress = region.Place.GuestAddress + offset;
                return true;
            }
        }

        guestAddress = 0;
        return false;
    }

    /// <summary>The guest's address of a byte of its memory as <see cref="Resolve"/> gave it.</summary>
    public ulong GuestAddressOf(byte* start)
    {
        foreach (var region in _regions)
        {
            var offset = (ulong)(start - region.Start);
            if (offset < region.Place.Length)
            {
                return region.Place.GuestAddress + offset;
            }
        }

        throw new InvalidOperationException("not this guest's memory");
    }

    public void Hold()
    {
        foreach (var region in _regions)
        {
            region.Hold();
        }
    }

    public void Release()
    {
        foreach (var region in _regions)
        {
            region.Release();
        }
    }
}
