using Orchestrator.Contracts.Encoding;
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
}
