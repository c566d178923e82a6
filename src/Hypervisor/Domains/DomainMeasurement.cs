using Orchestrator.Hypervisor.Domains.Storage;
using Orchestrator.Hypervisor.Engines;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>A virtual CPU's thread, and how long it has run.</summary>
internal readonly record struct VcpuMeasurement(long ThreadId, TimeSpan Cpu);

/// <summary>What a running domain takes of its host and what its disks have done.</summary>
internal sealed record DomainMeasurement
{
    public required TimeSpan TakenAt { get; init; }

    public required TimeSpan Cpu { get; init; }

    public required long MemoryBytes { get; init; }

    public required long MemoryLimitBytes { get; init; }

    public required long GuestMemoryBytes { get; init; }

    public required IReadOnlyList<VcpuMeasurement> Vcpus { get; init; }

    public required IReadOnlyList<DiskMeasurement> Disks { get; init; }

    public required RingMeasurement Ring { get; init; }

    public static async Task<DomainMeasurement> TakeAsync(DomainRun run, GuestSpec spec, DomainRecord record, DomainServices services)
    {
        var cgroup = services.Cgroups.For(record.Id);
        var (disks, ring) = await run.MeasureDisksAsync();
        return new DomainMeasurement
        {
            TakenAt = services.Time.GetElapsedTime(0),
            Cpu = cgroup.CpuTime(),
            MemoryBytes = cgroup.MemoryBytes(),
            MemoryLimitBytes = services.Engines.Find(spec.Engine)!.Limits(spec).MemoryBytes,
            GuestMemoryBytes = spec.MemoryBytes,
            Vcpus = [.. record.VcpuThreadIds.Select(thread => new VcpuMeasurement(thread, ProcessTable.ThreadCpuTime(record.Process!.Pid, thread)))],
            Disks = disks,
            Ring = ring,
        };
    }
}
