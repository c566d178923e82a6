namespace Orchestrator.Hypervisor.Rings.Device;

/// <summary>
/// A rate with a burst, in whole numbers, so that nothing drifts over months: in any span of t seconds at most burst + rate × t units
/// pass. What is larger than the whole burst passes on a full bucket and leaves a debt, or it would wait for ever. Units are operations or
/// bytes; the level is kept in units × ticks a second.
/// </summary>
internal struct TokenBucket
{
    private readonly long _perSecond;
    private readonly long _ticksPerSecond;
    private readonly Int128 _full;
    private Int128 _level;
    private long _filledAt;

    /// <summary>A full bucket. A rate of zero limits nothing.</summary>
    public TokenBucket(long perSecond, long burst, long ticksPerSecond, long now)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(perSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, perSecond == 0 ? 0 : 1);
        _perSecond = perSecond;
        _ticksPerSecond = ticksPerSecond;
        _full = (Int128)burst * ticksPerSecond;
        _level = _full;
        _filledAt = now;
    }

    /// <summary>The tick from which so many units may pass: now, or later.</summary>
    public long ReadyAt(long units, long now)
    {
        if (_perSecond == 0)
        {
            return now;
        }

        Fill(now);
        var missing = Int128.Min((Int128)units * _ticksPerSecond, _full) - _level;
        return missing <= 0 ? now : now + (long)Int128.Min((missing + _perSecond - 1) / _perSecond, long.MaxValue - now);
    }

    /// <summary>Takes what <see cref="ReadyAt"/> has found to be there.</summary>
    public void Take(long units)
    {
        if (_perSecond != 0)
        {
            _level -= (Int128)units * _ticksPerSecond;
        }
    }

    private void Fill(long now)
    {
        if (now > _filledAt)
        {
            _level = Int128.Min(_full, _level + (Int128)(now - _filledAt) * _perSecond);
            _filledAt = now;
        }
    }
}
