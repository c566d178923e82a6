using Orchestrator.Objects.VirtV1;
using Wire = Orchestrator.Dom0.V1;

namespace Orchestrator.NodeAgent.Drivers.Machine;

/// <summary>dom0's figures of a domain as the API's figures of a machine.</summary>
internal static class FiguresOfDomain
{
    public static MachineFigures Convert(Wire.DomainFigures figures) => new()
    {
        TakenAtNanoseconds = figures.TakenAtNanoseconds,
        CpuNanoseconds = figures.CpuNanoseconds,
        MemoryBytes = figures.MemoryBytes,
        MemoryLimitBytes = figures.MemoryLimitBytes,
        GuestPages = figures.GuestPages,
        Vcpus = { figures.Vcpus.Select(vcpu => new VcpuFigures { ThreadId = vcpu.ThreadId, CpuNanoseconds = vcpu.CpuNanoseconds }) },
        Disks = { figures.Disks.Select(Convert) },
        Ring = new RingFigures { Slots = figures.Ring.Slots, SlotsInUse = figures.Ring.SlotsInUse, InLine = figures.Ring.InLine },
    };

    private static DiskFigures Convert(Wire.DiskFigures disk) => new()
    {
        Name = disk.Name,
        SizeBytes = disk.SizeBytes,
        StoredBytes = disk.StoredBytes,
        Layers = disk.Layers,
        ReadOnly = disk.ReadOnly,
        Reads = disk.Reads,
        Writes = disk.Writes,
        Flushes = disk.Flushes,
        Frees = disk.Frees,
        ReadBytes = disk.ReadBytes,
        WrittenBytes = disk.WrittenBytes,
        Errors = disk.Errors,
        SlotsInUse = disk.SlotsInUse,
        SlotShare = disk.SlotShare,
        BusyCount = disk.BusyCount,
        ThrottledCount = disk.ThrottledCount,
        QueueTime = Convert(disk.QueueTime),
        ServiceTime = Convert(disk.ServiceTime),
    };

    private static LatencyFigures Convert(Wire.LatencyFigures latency) => new()
    {
        Count = latency.Count,
        P50Nanoseconds = latency.P50Nanoseconds,
        P99Nanoseconds = latency.P99Nanoseconds,
        Buckets = { latency.Buckets.Select(bucket => new LatencyBucket { BelowNanoseconds = bucket.BelowNanoseconds, Count = bucket.Count }) },
    };
}
