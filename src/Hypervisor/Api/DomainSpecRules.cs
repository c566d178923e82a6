using System.Text.RegularExpressions;
using Orchestrator.Dom0.V1;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Engines;
using Orchestrator.Hypervisor.Images;

namespace Orchestrator.Hypervisor.Api;

/// <summary>What a request must be, every violation at once, each with its field's path.</summary>
internal static partial class DomainSpecRules
{
    public const long LargestMemoryBytes = 4L << 40;

    // The seed travels in the guest's initramfs.
    private const int LargestText = 1 << 20;

    public static IReadOnlyList<string> Violations(string id, DomainSpec? spec, EngineCatalog engines)
    {
        List<string> problems = [];
        Require(DomainId.TryParse(id, out _), "id: must match [a-z0-9-]{1,63}");
        if (spec is null)
        {
            problems.Add("spec: is required");
            return problems;
        }

        var engine = engines.Find(spec.Engine);
        Require(engine is not null, $"spec.engine: '{spec.Engine}' is none of {string.Join(", ", engines.All.Select(known => known.Name))}");
        Require(spec.Vcpus >= 1, "spec.vcpus: must be at least 1");
        Require(spec.MemoryBytes is >= 1 and <= LargestMemoryBytes, $"spec.memory_bytes: must be between 1 and {LargestMemoryBytes}");
        Require(OciLayout.IsDigest(spec.RootImageDigest), "spec.root_image_digest: must be sha256: and 64 hexadecimal digits");
        problems.AddRange(DiskRules.SizeViolations("spec.root_disk_bytes", spec.RootDiskBytes));
        Require(Hostname().IsMatch(spec.Hostname), "spec.hostname: must be a DNS name of at most 64 characters");
        Require(spec.CalculateSize() <= LargestText, $"spec: is larger than {LargestText} bytes");
        problems.AddRange(DiskRules.Violations(spec.Disks));
        problems.AddRange(LimitsMapping.Violations("spec.root_disk_limits", spec.RootDiskLimits));
        Require(
            spec.ConfigDrive.Length == 0 || (DiskRules.IsFree(spec.ConfigDrive) && spec.Disks.All(disk => disk.Name != spec.ConfigDrive)),
            "spec.config_drive: must be a name as disks have, and of no other disk");
        Texts("spec.command", spec.Command);
        Texts("spec.args", spec.Args);
        for (var i = 0; i < spec.Environment.Count; i++)
        {
            var variable = spec.Environment[i];
            Require(variable.Name.Length > 0 && !variable.Name.Contains('='), $"spec.environment[{i}].name: must be a name without '='");
            Texts($"spec.environment[{i}]", [variable.Name, variable.Value]);
        }

        problems.AddRange(InterfaceRules.Violations(spec.Interfaces));
        if (engine is not null && problems.Count == 0)
        {
            problems.AddRange(engine.Violations(DomainMapping.FromWire(spec)).Select(violation => $"{violation.Field}: {violation.Problem}"));
        }

        return problems;

        void Require(bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add(problem);
            }
        }

        void Texts(string field, IEnumerable<string> texts) =>
            Require(!texts.Any(text => text.Contains('\0')), $"{field}: must not hold a zero character");
    }

    [GeneratedRegex(@"^(?=.{1,64}\z)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\z")]
    private static partial Regex Hostname();
}
