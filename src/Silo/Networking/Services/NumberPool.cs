namespace Orchestrator.Silo.Networking.Services;

/// <summary>
/// Which number comes next. The lowest ones are kept for those that ask for a certain one, as in Kubernetes, until there are no others; what has
/// been given back is not given again at once, since somebody may still send there.
/// </summary>
internal sealed class NumberPool
{
    private const int SmallestBand = 16;
    private const int LargestAddressBand = 256;
    private const int LargestPortBand = 128;
    private const int AddressesPerBand = 16;
    private const int PortsPerBand = 32;

    private readonly long _first;
    private readonly long _count;
    private readonly long _band;
    private long _next;

    private NumberPool(long first, long count, long band) => (_first, _count, _band, _next) = (first, count, Math.Min(band, count), 0);

    /// <summary>Without the first address of the range and the last.</summary>
    public static NumberPool OfAddresses(AddressRange range) =>
        new(range.First + 1L, range.Count - 2, Math.Clamp(range.Count / AddressesPerBand, SmallestBand, LargestAddressBand));

    public static NumberPool OfPorts(int first, int last) => new(first, last - first + 1, Math.Clamp((last - first + 1) / PortsPerBand, SmallestBand, LargestPortBand));

    public bool Contains(long number) => number >= _first && number - _first < _count;

    /// <summary>Null if every number is taken.</summary>
    public long? Next(Func<long, bool> isTaken)
    {
        var free = Search(_band, _count - _band, _next, isTaken);
        if (free is { } found) _next = found - _first - _band + 1;
        return free ?? Search(0, _band, 0, isTaken);
    }

    private long? Search(long offset, long count, long start, Func<long, bool> isTaken)
    {
        for (long step = 0; step < count; step++)
        {
            var number = _first + offset + (start + step) % count;
            if (!isTaken(number)) return number;
        }

        return null;
    }
}
