using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Values;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>What the definition can't say of a machine's disks.</summary>
internal static class MachineDiskRules
{
    /// <summary>Disks that a machine has without naming them.</summary>
    private static readonly string[] Taken = ["root", "report", "cidata"];

    public static IEnumerable<FieldError> Violations(IReadOnlyList<MachineDisk> disks)
    {
        for (var i = 0; i < disks.Count; i++)
        {
            if (Taken.Contains(disks[i].Name))
                yield return new FieldError($"spec.disks[{i}].name", $"Invalid value \"{disks[i].Name}\": a machine may have a disk of this name already", "Invalid");
            if (disks[i] is { Size: "", Image: "" })
                yield return new FieldError($"spec.disks[{i}].size", "Required value: a disk that is made of no image needs a size", "Required");
        }
    }

    /// <summary>A disk may grow. What may change is taken over into the version before, so that the rest can be compared.</summary>
    public static IEnumerable<FieldError> TakeGrowth(VirtualMachineSpec before, VirtualMachineSpec after)
    {
        if (after.RootDisk is { Size.Length: > 0 } root)
        {
            if (Shrinks(before.RootDisk?.Size ?? "", root.Size)) yield return Smaller("spec.rootDisk.size", before.RootDisk!.Size, root.Size);
            (before.RootDisk ??= new RootDisk()).Size = root.Size;
        }

        for (var i = 0; i < after.Disks.Count; i++)
        {
            var (disk, old) = (after.Disks[i], before.Disks.FirstOrDefault(old => old.Name == after.Disks[i].Name));
            if (old is null || disk.Size.Length == 0) continue;
            if (Shrinks(old.Size, disk.Size)) yield return Smaller($"spec.disks[{i}].size", old.Size, disk.Size);
            old.Size = disk.Size;
        }
    }

    private static bool Shrinks(string before, string after) =>
        Quantity.TryParse(before, out var old) && Quantity.TryParse(after, out var wanted) && wanted < old;

    private static FieldError Smaller(string path, string before, string after) =>
        new(path, $"Forbidden: a disk can't shrink, and this one has {before}; {after} is less", "Forbidden");
}
