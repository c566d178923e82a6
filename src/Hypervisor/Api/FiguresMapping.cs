using Orchestrator.Dom0.V1;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Domains.Storage;

namespace Orchestrator.Hypervisor.Api;

/// <summary>A domain's figures in the contract's words.</summary>
internal static class FiguresMapping
{
    private const int PageBytes = 4096;

    public static DomainFigures ToWire(DomainMeasurement measured) => new()
    {
        TakenAtNanoseconds = Nanoseconds(measured.TakenAt),
        CpuNanoseconds = Nanoseconds(measured.Cpu),
        MemoryBytes = measured.MemoryBytes,
        MemoryLimitBytes = measured.MemoryLimitBytes,
        GuestPages = measured.GuestMemoryBytes / PageBytes,
        Vcpus = { measured.Vcpus.Select(vcpu => new VcpuFigures { ThreadId = vcpu.ThreadId, CpuNanoseconds = Nanoseconds(vcpu.Cpu) }) },
        Disks = { measured.Disks.Select(ToWire) },
        Ring = new RingFigures { Slots = measured.Ring.Slots, SlotsInUse = measured.Ring.SlotsInUse, InLine = measured.Ring.InLine },
    };

    private static DiskFigures ToWire(DiskMeasurement disk) => new()
    {
        Name = disk.Disk.Name,
        SizeBytes = disk.Bytes,
        StoredBytes = disk.StoredBytes,
        Layers = disk.Layers,
        ReadOnly = disk.Disk.IsReadOnly,
        Reads = disk.Requests.Reads,
        Writes = disk.Requests.Writes,
        Flushes = disk.Requests.Flushes,
        Frees = disk.Requests.Frees,
        ReadBytes = disk.Requests.ReadBytes,
        WrittenBytes = disk.Requests.WrittenBytes,
        Errors = disk.Requests.Errors,
        SlotsInUse = disk.Slots.InUse,
        SlotShare = disk.Slots.Share,
        BusyCount = disk.Slots.BusyCount,
        ThrottledCount = disk.Slots.ThrottledCount,
        QueueTime = ToWire(disk.QueueTime),
        ServiceTime = ToWire(disk.ServiceTime),
    };

    private static LatencyFigures ToWire(LatencyMeasurement latency) => new()
    {
        Count = latency.Count,
        P50Nanoseconds = latency.P50Nanoseconds,
        P99Nanoseconds = latency.P99Nanoseconds,
        Buckets = { latency.Buckets.Select(bucket => new LatencyBucket { BelowNanoseconds = bucket.BelowNanoseconds, Count = bucket.Count }) },
    };

    private static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;
}
