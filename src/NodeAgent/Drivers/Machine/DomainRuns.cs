using Google.Protobuf.WellKnownTypes;
using Orchestrator.Contracts.Values;
using Orchestrator.Dom0.V1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.NodeAgent.Drivers.Machine;

/// <summary>Reads a domain as the one unit of a machine. Its restarts are dom0's count of starts, less the first.</summary>
internal static class DomainRuns
{
    private const int UnknownExitCode = 255;
    private const string GuestShutdown = "GuestShutdown";

    public static WorkloadSnapshot Snapshot(WorkloadId id, Domain domain) => new()
    {
        Id = id,
        Environment = EnvironmentState.Ready,
        Runs = domain.State == DomainState.Created ? [] : [RunOf(domain)],
        Domain = InfoOf(domain),
        Interfaces = [.. (domain.Spec?.Interfaces ?? []).Select(InterfaceOf)],
        Snapshots = [.. domain.Snapshots.Select(one => new SnapshotStatus { Name = one.Name, CreationTime = one.CreatedAt })],
        Disks = [.. domain.Spec is { } spec ? [new DiskSize(DomainSpecs.RootDisk, spec.RootDiskBytes), .. spec.Disks.Select(disk => new DiskSize(disk.Name, disk.Bytes))] : (DiskSize[])[]],
        Power = new SeenPower(domain.State == DomainState.Paused, domain.State == DomainState.Restarting, domain.PowerCycle),
    };

    private static UnitRun RunOf(Domain domain)
    {
        var ended = domain.State is DomainState.Stopped or DomainState.Failed;
        return new UnitRun
        {
            Unit = DesiredWorkload.MachineUnit,
            Attempt = Math.Max(domain.Starts - 1, 0),
            Id = domain.Id,
            State = ended ? UnitState.Exited : UnitState.Running,
            StartedAt = TimeOf(domain.StartedAt),
            FinishedAt = ended ? TimeOf(domain.StoppedAt) : null,
            ExitCode = ended ? ExitCodeOf(domain) : 0,
            Reason = ended ? domain.Reason : "",
            Message = ended ? domain.Message : "",
            ImageId = domain.Spec?.RootImageDigest ?? "",
            // dom0 keeps no mark of ours; without one the starts are the best measure.
            BackOffStep = Math.Max(domain.Starts - 1, 0),
        };
    }

    private static int ExitCodeOf(Domain domain)
    {
        if (domain.State == DomainState.Stopped && domain.Reason == GuestShutdown && !domain.HasExitCode) return 0;
        return domain.HasExitCode && domain.State == DomainState.Stopped ? domain.ExitCode : UnknownExitCode;
    }

    private static DomainInfo InfoOf(Domain domain)
    {
        var info = new DomainInfo
        {
            Id = domain.Id,
            Engine = domain.Spec?.Engine ?? "",
            ProcessId = domain.ProcessId,
            UserId = domain.UserId,
            Cgroup = domain.Cgroup,
            Cpus = domain.Spec?.Vcpus ?? 0,
            Memory = domain.Spec is { MemoryBytes: > 0 } spec ? Quantity.FromBytes(spec.MemoryBytes).ToString() : "",
        };
        info.VcpuThreadIds.AddRange(domain.VcpuThreadIds);
        return info;
    }

    private static MachineInterfaceStatus InterfaceOf(NetworkInterface card)
    {
        var addresses = card.Addresses.Select(address => address.Split('/')[0]).ToList();
        return new MachineInterfaceStatus { Name = card.Name, Mac = card.MacAddress, IpAddress = addresses.FirstOrDefault() ?? "", IpAddresses = { addresses } };
    }

    private static DateTimeOffset? TimeOf(Timestamp? time) => time?.ToDateTimeOffset();
}
