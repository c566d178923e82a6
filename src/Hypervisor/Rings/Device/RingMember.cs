namespace Orchestrator.Hypervisor.Rings.Device;

/// <summary>One domain at a <see cref="DeviceRing"/>: its limits, its slots and its figures. The ring alone changes it.</summary>
internal sealed class RingMember
{
    private TokenBucket _operations;
    private TokenBucket _bytes;

    public RingMember(DeviceRing ring, DomainLimits limits, long ticksPerSecond, long now)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(Math.Clamp(limits.Weight, 1, DomainLimits.LargestWeight), limits.Weight, nameof(limits));
        Ring = ring;
        Weight = limits.Weight;
        _operations = new TokenBucket(limits.OperationsPerSecond, limits.BurstOperations, ticksPerSecond, now);
        _bytes = new TokenBucket(limits.BytesPerSecond, limits.BurstBytes, ticksPerSecond, now);
        QueueTime = new LatencyHistogram(ticksPerSecond);
        ServiceTime = new LatencyHistogram(ticksPerSecond);
    }

    /// <summary>None once it has been detached.</summary>
    public DeviceRing? Ring { get; set; }

    public int Weight { get; }

    public int SlotsInUse { get; set; }

    /// <summary>The slots that are its own while it is active; zero while it is not.</summary>
    public int Share { get; set; }

    /// <summary>How many slots of its share it doesn't use.</summary>
    public int Unused => Math.Max(0, Share - SlotsInUse);

    public long LastAskedAt { get; set; }

    public bool IsActive => ActiveNode.List is not null;

    // Allocated once, so that no list allocates when a request moves its domain.
    public LinkedListNode<RingMember> ActiveNode => field ??= new LinkedListNode<RingMember>(this);

    public LinkedListNode<RingMember> WaitingNode => field ??= new LinkedListNode<RingMember>(this);

    public long ReadyAt { get; private set; }

    public long Operations { get; private set; }

    public long Bytes { get; private set; }

    public long BusyCount { get; set; }

    public long ThrottledCount { get; set; }

    /// <summary>From its slot to the device.</summary>
    public LatencyHistogram QueueTime { get; }

    /// <summary>From the device to its completion.</summary>
    public LatencyHistogram ServiceTime { get; }

    /// <summary>Sets <see cref="ReadyAt"/>: when both rates allow a request of so many bytes.</summary>
    public bool IsReady(uint bytes, long now)
    {
        ReadyAt = Math.Max(_operations.ReadyAt(1, now), _bytes.ReadyAt(bytes, now));
        return ReadyAt <= now;
    }

    public void Spend(uint bytes)
    {
        _operations.Take(1);
        _bytes.Take(bytes);
    }

    public void Count(uint bytes)
    {
        Operations++;
        Bytes += bytes;
    }
}
