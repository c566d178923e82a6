using System.Numerics;

namespace Orchestrator.Hypervisor.Rings.Device;

/// <summary>
/// Counts of times in fixed buckets, four an octave from 1 µs to over a minute, so that a quantile is at most a quarter too high.
/// Written by one thread; read from any, each number for itself.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int StepsAnOctave = 4;
    private const int Octaves = 27;

    /// <summary>The first is for all below a microsecond, the last for all that is longer than the others.</summary>
    public const int Buckets = Octaves * StepsAnOctave + 1;

    private readonly long[] _counts = new long[Buckets];
    private readonly long _ticksPerSecond;

    public LatencyHistogram(long ticksPerSecond) => _ticksPerSecond = ticksPerSecond;

    public long Count => _counts.Sum();

    public void Add(long ticks)
    {
        var nanoseconds = _ticksPerSecond == 1_000_000_000 ? ticks : (long)((Int128)ticks * 1_000_000_000 / _ticksPerSecond);
        _counts[BucketOf(nanoseconds)]++;
    }

    public long[] ToArray() => (long[])_counts.Clone();

    /// <summary>The upper edge of the bucket that holds the quantile (0 to 1), zero if nothing was counted.</summary>
    public long QuantileNanoseconds(double quantile)
    {
        var counts = ToArray();
        var rank = (long)Math.Ceiling(quantile * counts.Sum());
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            rank -= counts[bucket];
            if (rank <= 0 && counts[bucket] > 0)
            {
                return UpperEdgeNanoseconds(bucket);
            }
        }

        return 0;
    }

    /// <summary>The bucket of a time: its octave above a microsecond, and its two bits below the highest.</summary>
    public static int BucketOf(long nanoseconds)
    {
        if (nanoseconds < 1000)
        {
            return 0;
        }

        // Octaves of 1000 ns are octaves of 1 in units of 250 ns, two bits up.
        var quarters = (ulong)nanoseconds / (1000 / StepsAnOctave);
        var octave = BitOperations.Log2(quarters) - 2;
        var step = (int)(quarters >> octave) & (StepsAnOctave - 1);
        return Math.Min(octave * StepsAnOctave + step + 1, Buckets - 1);
    }

    /// <summary>The first time that is too long for the bucket; for the last bucket there is none.</summary>
    public static long UpperEdgeNanoseconds(int bucket)
    {
        if (bucket == Buckets - 1)
        {
            return long.MaxValue;
        }

        var (octave, step) = Math.DivRem(bucket, StepsAnOctave);
        return (1000L / StepsAnOctave * (StepsAnOctave + step)) << octave;
    }
}
