using System.Text.RegularExpressions;
using Orchestrator.Dom0.V1;
using Orchestrator.Hypervisor.Disks.Layers;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Images;

namespace Orchestrator.Hypervisor.Api;

/// <summary>What the disks of a spec must be.</summary>
internal static partial class DiskRules
{
    private const int SectorsBytes = 4096;

    /// <summary>A disk has a socket, and the guest's PC slots for so many beside what else it has.</summary>
    private const int MostDisks = 16;

    public static IEnumerable<string> Violations(IReadOnlyList<DiskSpec> disks)
    {
        if (disks.Count > MostDisks)
        {
            yield return $"spec.disks: must be at most {MostDisks}";
        }

        for (var i = 0; i < disks.Count; i++)
        {
            var (disk, path) = (disks[i], $"spec.disks[{i}]");
            if (!IsFree(disk.Name))
            {
                yield return $"{path}.name: must be at most 20 of a-z, 0-9 and '-', and neither {DomainFolder.RootDisk} nor {DomainFolder.ReportDisk}";
            }
            else if (disks.Take(i).Any(other => other.Name == disk.Name))
            {
                yield return $"{path}.name: '{disk.Name}' is there already";
            }

            if (disk.ImageDigest.Length > 0 && !OciLayout.IsDigest(disk.ImageDigest))
            {
                yield return $"{path}.image_digest: must be sha256: and 64 hexadecimal digits";
            }

            if (disk is { ImageDigest: "", Bytes: 0 })
            {
                yield return $"{path}.bytes: is required of a disk that is made of no image";
            }

            foreach (var problem in SizeViolations($"{path}.bytes", disk.Bytes).Concat(LimitsMapping.Violations($"{path}.limits", disk.Limits)))
            {
                yield return problem;
            }
        }
    }

    /// <summary>Whether a disk may have this name, as far as the name alone goes.</summary>
    public static bool IsFree(string name) => Name().IsMatch(name) && name is not (DomainFolder.RootDisk or DomainFolder.ReportDisk);

    public static bool IsSnapshotName(string name) => SnapshotName().IsMatch(name);

    public static IEnumerable<string> SizeViolations(string path, long bytes)
    {
        if (bytes is < 0 or > LayerFormat.LargestDiskBytes)
        {
            yield return $"{path}: must be between 0 and {LayerFormat.LargestDiskBytes}";
        }

        if (bytes % SectorsBytes != 0)
        {
            yield return $"{path}: must be a multiple of {SectorsBytes}";
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?\z")]
    private static partial Regex SnapshotName();

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?\z")]
    private static partial Regex Name();
}
