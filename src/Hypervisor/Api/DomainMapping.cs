using Google.Protobuf.WellKnownTypes;
using Orchestrator.Dom0.V1;
using Orchestrator.Hypervisor.Cgroups;
using Orchestrator.Hypervisor.Domains;
using Wire = Orchestrator.Dom0.V1;

namespace Orchestrator.Hypervisor.Api;

/// <summary>Between the contract's messages and dom0's own records, once, at the edge.</summary>
internal static class DomainMapping
{
    public static GuestSpec FromWire(DomainSpec spec) => new()
    {
        Engine = spec.Engine,
        Vcpus = spec.Vcpus,
        MemoryBytes = spec.MemoryBytes,
        RootImageDigest = spec.RootImageDigest,
        RootDiskBytes = spec.RootDiskBytes,
        Hostname = spec.Hostname,
        Command = [.. spec.Command],
        Arguments = [.. spec.Args],
        Environment = [.. spec.Environment.Select(variable => KeyValuePair.Create(variable.Name, variable.Value))],
        Label = spec.Label,
        Disks = [.. spec.Disks.Select(disk => new GuestDisk(disk.Name, disk.Bytes, disk.ImageDigest, disk.ReadOnly)
        {
            Limits = LimitsMapping.FromWire(disk.Limits),
        })],
        RootDiskLimits = LimitsMapping.FromWire(spec.RootDiskLimits),
        Interfaces = [.. spec.Interfaces.Select(FromWire)],
        ConfigDrive = spec.ConfigDrive.Length > 0 ? spec.ConfigDrive : null,
        Source = spec.Source is { } source ? new CloneSource(source.Domain, source.Snapshot) : null,
    };

    public static Domains.StartSettings FromWire(Wire.StartSettings? settings) => settings is null
        ? new Domains.StartSettings(0, 0, [])
        : new Domains.StartSettings(
            settings.Vcpus, settings.MemoryBytes, [.. settings.ConfigFiles.Select(file => new Domains.ConfigFile(file.Name, file.Content.Memory))]);

    public static Wire.Domain ToWire(DomainRecord record, CgroupHierarchy cgroups)
    {
        var wire = new Wire.Domain
        {
            Id = record.Id,
            Spec = record.Spec is null ? null : ToWire(record.Spec),
            State = State(record),
            Reason = record.Reason,
            Message = record.Message,
            StartedAt = record.StartedAt is { } started ? Timestamp.FromDateTimeOffset(started) : null,
            StoppedAt = record.StoppedAt is { } stopped ? Timestamp.FromDateTimeOffset(stopped) : null,
            ProcessId = record.Process?.Pid ?? 0,
            UserId = record.UserId,
            Cgroup = cgroups.For(record.Id).Path,
            VcpuThreadIds = { record.VcpuThreadIds },
            Starts = record.Starts,
            PowerCycle = record.PowerCycle,
            Snapshots =
            {
                record.Snapshots.Select(one => new Wire.DomainSnapshot { Name = one.Name, CreatedAt = Timestamp.FromDateTimeOffset(one.CreatedAt) }),
            },
        };
        if (record.ExitCode is { } code)
        {
            wire.ExitCode = code;
        }

        return wire;
    }

    /// <summary>A domain that is being destroyed has no state to offer: the last message that a watcher gets of it.</summary>
    private static DomainState State(DomainRecord record) => record.Phase switch
    {
        DomainPhase.Created => DomainState.Created,
        DomainPhase.Starting => DomainState.Starting,
        DomainPhase.Running => DomainState.Running,
        DomainPhase.Paused => DomainState.Paused,
        DomainPhase.Stopping => DomainState.Stopping,
        DomainPhase.Restarting => DomainState.Restarting,
        DomainPhase.Stopped => DomainState.Stopped,
        DomainPhase.Failed => DomainState.Failed,
        DomainPhase.Destroying => record.Reason == Reasons.Destroyed ? DomainState.Unspecified : DomainState.Stopping,
        _ => throw new InvalidOperationException($"{record.Phase} is no phase"),
    };

    private static DomainSpec ToWire(GuestSpec spec) => new()
    {
        Engine = spec.Engine,
        Vcpus = spec.Vcpus,
        MemoryBytes = spec.MemoryBytes,
        RootImageDigest = spec.RootImageDigest,
        RootDiskBytes = spec.RootDiskBytes,
        Hostname = spec.Hostname,
        Command = { spec.Command },
        Args = { spec.Arguments },
        Environment = { spec.Environment.Select(entry => new EnvironmentVariable { Name = entry.Key, Value = entry.Value }) },
        Label = spec.Label,
        Disks =
        {
            spec.Disks.Select(disk => new DiskSpec
            {
                Name = disk.Name,
                Bytes = disk.Bytes,
                ImageDigest = disk.ImageDigest,
                ReadOnly = disk.IsReadOnly,
                Limits = LimitsMapping.ToWire(disk.Limits),
            }),
        },
        RootDiskLimits = LimitsMapping.ToWire(spec.RootDiskLimits),
        Interfaces = { spec.Interfaces.Select(ToWire) },
        ConfigDrive = spec.ConfigDrive ?? "",
        Source = spec.Source is { } source ? new DomainSnapshotName { Domain = source.Domain, Snapshot = source.Snapshot } : null,
    };

    private static GuestInterface FromWire(NetworkInterface card) => new()
    {
        Name = card.Name,
        MacAddress = card.MacAddress.ToLowerInvariant(),
        Bridge = card.NetworkCase is NetworkInterface.NetworkOneofCase.Bridge ? card.Bridge : null,
        Segment = card.NetworkCase is NetworkInterface.NetworkOneofCase.Segment ? card.Segment : null,
        Addresses = [.. card.Addresses],
        Gateway = card.Gateway,
        MtuBytes = card.MtuBytes,
        Limits = LimitsMapping.FromWire(card.Limits),
    };

    private static NetworkInterface ToWire(GuestInterface card)
    {
        var wire = new NetworkInterface
        {
            Name = card.Name,
            MacAddress = card.MacAddress,
            Addresses = { card.Addresses },
            Gateway = card.Gateway,
            MtuBytes = card.MtuBytes,
            Limits = LimitsMapping.ToWire(card.Limits),
        };
        if (card.Bridge is { } bridge)
        {
            wire.Bridge = bridge;
        }
        else
        {
            wire.Segment = card.Segment;
        }

        return wire;
    }
}
