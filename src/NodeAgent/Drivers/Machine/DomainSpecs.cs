using Orchestrator.Dom0.V1;
using Orchestrator.NodeAgent.Drivers.Cri;
using Orchestrator.Objects.VirtV1;
using RateLimits = Orchestrator.Objects.VirtV1.RateLimits;
using Wire = Orchestrator.Dom0.V1;

namespace Orchestrator.NodeAgent.Drivers.Machine;

/// <summary>Writes a machine the way dom0 wants it.</summary>
internal static class DomainSpecs
{
    /// <summary>As dom0 calls it.</summary>
    public const string RootDisk = "root";

    private const long BlockBytes = 4096;
    private const long DefaultMemoryBytes = 128L * 1024 * 1024;

    /// <param name="images">The digest in dom0 of each image that a disk is made of.</param>
    public static DomainSpec Build(DesiredWorkload workload, string diskDigest, IReadOnlyDictionary<string, string> images, IEnumerable<NetworkInterface> cards)
    {
        var machine = workload.Machine!.Spec;
        var memory = ResourceAmounts.Parse(machine.Memory).ToInt64Ceiling();
        var spec = new DomainSpec
        {
            Engine = EngineOf(workload.RuntimeHandler, machine),
            Vcpus = machine.HasCpus ? machine.Cpus : 1,
            MemoryBytes = memory > 0 ? memory : DefaultMemoryBytes,
            RootImageDigest = diskDigest,
            RootDiskBytes = machine.RootDisk is { } disk ? InBlocks(ResourceAmounts.Parse(disk.Size).ToInt64Ceiling()) : 0,
            Hostname = machine.Hostname.Length > 0 ? machine.Hostname : workload.Id.Name,
            Label = LabelOf(workload.Id),
            Interfaces = { cards },
            RootDiskLimits = LimitsOf(machine.RootDisk?.Limits),
            ConfigDrive = machine.CloudInit is null ? "" : CloudInitFiles.Label,
        };
        if (machine.CloneOf is { } clone) spec.Source = new DomainSnapshotName { Domain = clone.Uid, Snapshot = clone.Snapshot };
        var variables = machine.Env.ToDictionary(variable => variable.Name, variable => variable.Value);
        spec.Environment.AddRange(machine.Env.Select(variable => new EnvironmentVariable { Name = variable.Name, Value = variable.Value }));
        spec.Disks.AddRange(machine.Disks.Select(disk => new DiskSpec
        {
            Name = disk.Name,
            Bytes = InBlocks(ResourceAmounts.Parse(disk.Size).ToInt64Ceiling()),
            ImageDigest = disk.Image.Length > 0 ? images[disk.Image] : "",
            ReadOnly = disk.ReadOnly,
            Limits = LimitsOf(disk.Limits),
        }));
        spec.Command.AddRange(machine.Command.Select(word => VariableReferences.Expand(word, variables)));
        spec.Args.AddRange(machine.Args.Select(word => VariableReferences.Expand(word, variables)));
        return spec;
    }

    /// <summary>Of the disks whose size is said.</summary>
    public static IEnumerable<DiskSize> SizesOf(VirtualMachineSpec machine) =>
        machine.Disks.Select(disk => (disk.Name, disk.Size)).Prepend((Name: RootDisk, Size: machine.RootDisk?.Size ?? ""))
            .Where(disk => disk.Size.Length > 0).Select(disk => new DiskSize(disk.Name, InBlocks(ResourceAmounts.Parse(disk.Size).ToInt64Ceiling())));

    public static Wire.RateLimits? LimitsOf(RateLimits? limits) => limits is null ? null : new Wire.RateLimits
    {
        OperationsPerSecond = limits.OperationsPerSecond,
        BurstOperations = limits.BurstOperations,
        BytesPerSecond = ResourceAmounts.Parse(limits.BytesPerSecond).ToInt64Ceiling(),
        BurstBytes = ResourceAmounts.Parse(limits.BurstBytes).ToInt64Ceiling(),
    };

    public static string LabelOf(WorkloadId id) => $"{id.Namespace}/{id.Name}";

    public static WorkloadId IdOf(Domain domain)
    {
        var slash = domain.Spec?.Label.IndexOf('/', StringComparison.Ordinal) ?? -1;
        return slash < 0
            ? new WorkloadId(WorkloadKind.VirtualMachine, "", "", domain.Id)
            : new WorkloadId(WorkloadKind.VirtualMachine, domain.Spec!.Label[..slash], domain.Spec.Label[(slash + 1)..], domain.Id);
    }

    /// <summary>Disks are made of whole blocks; a size that is none is rounded up.</summary>
    private static long InBlocks(long bytes) => bytes > long.MaxValue - BlockBytes ? bytes : (bytes + BlockBytes - 1) / BlockBytes * BlockBytes;

    private static string EngineOf(string handler, VirtualMachineSpec machine) => handler.Length > 0 ? handler : machine.RuntimeClassName switch
    {
        "emulated" => "qemu",
        "hardware" => "kvm",
        _ => "uml",
    };
}
