using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Domains.Storage;

/// <summary>The host's ring to its disks at one moment.</summary>
internal readonly record struct RingMeasurement(int Slots, int SlotsInUse, int InLine);

/// <summary>A disk at that ring: slots that its requests have and that are its own, and how often one had to wait.</summary>
internal readonly record struct SlotMeasurement(int InUse, int Share, long BusyCount, long ThrottledCount);

/// <summary>Times, counted by bucket (<see cref="LatencyHistogram"/>).</summary>
internal sealed record LatencyMeasurement(long Count, long P50Nanoseconds, long P99Nanoseconds, IReadOnlyList<(long BelowNanoseconds, long Count)> Buckets)
{
    public static LatencyMeasurement Of(LatencyHistogram histogram) => new(
        histogram.Count,
        histogram.QuantileNanoseconds(0.5),
        histogram.QuantileNanoseconds(0.99),
        [.. histogram.ToArray().Select((count, bucket) => (LatencyHistogram.UpperEdgeNanoseconds(bucket), count)).Where(entry => entry.count > 0)]);
}

/// <summary>What a guest's disk is and has done since its engine started, or was taken over by this dom0.</summary>
internal sealed record DiskMeasurement
{
    public required GuestDisk Disk { get; init; }

    public required long Bytes { get; init; }

    public required int Layers { get; init; }

    public required long StoredBytes { get; init; }

    public required BlockFigures Requests { get; init; }

    public required SlotMeasurement Slots { get; init; }

    public required LatencyMeasurement QueueTime { get; init; }

    public required LatencyMeasurement ServiceTime { get; init; }

    /// <summary>On the loop's thread.</summary>
    /// <param name="served">None of a raw file.</param>
    public static DiskMeasurement Of(GuestDisk disk, BlockDevice device, ServedDisk? served)
    {
        var (layers, stored) = served?.Extent() ?? (0, (long)device.DiskBytes);
        return new DiskMeasurement
        {
            Disk = disk,
            Bytes = (long)device.DiskBytes,
            Layers = layers,
            StoredBytes = stored,
            Requests = device.Figures.Copy(),
            Slots = new SlotMeasurement(device.Member.SlotsInUse, device.Member.Share, device.Member.BusyCount, device.Member.ThrottledCount),
            QueueTime = LatencyMeasurement.Of(device.Member.QueueTime),
            ServiceTime = LatencyMeasurement.Of(device.Member.ServiceTime),
        };
    }
}
