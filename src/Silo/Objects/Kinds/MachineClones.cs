using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>
/// A machine that is a clone: what it has of the other one becomes part of it when it is created. Disks don't leave their host, so the clone
/// demands that host.
/// </summary>
internal static class MachineClones
{
    public static void Resolve(VirtualMachine vm, ObjectCache cache)
    {
        if (vm.Spec.CloneOf is not { } clone) return;
        clone.Uid = "";
        if (Find(vm, cache) is not { } source) return;
        var (spec, original) = (vm.Spec, source.As<VirtualMachine>().Spec);
        clone.Uid = source.Uid;
        if (spec.Image.Length == 0 && spec.MachineImageName.Length == 0) spec.Image = original.Image;
        if (spec.NodeName.Length == 0) spec.NodeName = original.NodeName;
        spec.RootDisk ??= original.RootDisk?.Clone();
        if (spec.Disks.Count == 0) spec.Disks.Add(original.Disks.Select(disk => disk.Clone()));
    }

    public static FieldError? Check(VirtualMachine vm, ObjectCache cache)
    {
        if (vm.Spec.CloneOf is not { } clone) return null;
        if (Find(vm, cache) is not { } source)
            return new FieldError("spec.cloneOf.virtualMachine", $"Invalid value \"{clone.VirtualMachine}\": no such VirtualMachine in namespace {vm.Metadata.Namespace}", "NotFound");
        var snapshots = source.As<VirtualMachine>().Status?.Snapshots.Select(snapshot => snapshot.Name).ToList() ?? [];
        if (snapshots.Contains(clone.Snapshot)) return null;
        var those = snapshots.Count == 0 ? "it has none" : $"it has {string.Join(", ", snapshots)}";
        return new FieldError("spec.cloneOf.snapshot", $"Invalid value \"{clone.Snapshot}\": no such snapshot of {clone.VirtualMachine}; {those}", "NotFound");
    }

    /// <summary>What an update doesn't say of it stays.</summary>
    public static void Keep(VirtualMachineSpec before, VirtualMachineSpec after)
    {
        if (before.CloneOf is not { } old || after.CloneOf is not { } clone) return;
        if (clone.Uid.Length == 0) clone.Uid = old.Uid;
        after.RootDisk ??= before.RootDisk?.Clone();
        if (after.Disks.Count == 0) after.Disks.Add(before.Disks.Select(disk => disk.Clone()));
    }

    private static StoredObject? Find(VirtualMachine vm, ObjectCache cache)
    {
        var kind = KindCatalog.Of<VirtualMachine>();
        return cache.Find(new ObjectKey(kind.Resource, vm.Metadata.Namespace, vm.Spec.CloneOf.VirtualMachine));
    }
}
