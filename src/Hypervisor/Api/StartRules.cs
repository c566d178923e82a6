using System.Text.RegularExpressions;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Engines;

namespace Orchestrator.Hypervisor.Api;

/// <summary>What a start may take anew of a domain that is there.</summary>
internal static partial class StartRules
{
    private const int MostConfigBytes = 2 << 20;
    private const int MostConfigFiles = 16;

    public static IEnumerable<string> Violations(StartSettings settings, GuestSpec? spec, EngineCatalog engines)
    {
        if (settings.Vcpus < 0)
        {
            yield return "settings.vcpus: must not be negative";
        }

        if (settings.MemoryBytes is < 0 or > DomainSpecRules.LargestMemoryBytes)
        {
            yield return $"settings.memory_bytes: must be between 0 and {DomainSpecRules.LargestMemoryBytes}";
        }

        foreach (var problem in FileViolations(settings.ConfigFiles, spec))
        {
            yield return problem;
        }

        if (spec is null || engines.Find(spec.Engine) is not { } engine)
        {
            yield break;
        }

        foreach (var (field, problem) in engine.Violations(settings.ApplyTo(spec)))
        {
            yield return $"{field.Replace("spec.", "settings.", StringComparison.Ordinal)}: {problem}";
        }
    }

    private static IEnumerable<string> FileViolations(IReadOnlyList<ConfigFile> files, GuestSpec? spec)
    {
        if (files.Count > 0 && spec is { ConfigDrive: null })
        {
            yield return "settings.config_files: the domain has no config drive";
        }

        if (files.Count > MostConfigFiles || files.Sum(file => (long)file.Content.Length) > MostConfigBytes)
        {
            yield return $"settings.config_files: must be at most {MostConfigFiles} files of {MostConfigBytes} bytes in all";
        }

        for (var i = 0; i < files.Count; i++)
        {
            if (!FileName().IsMatch(files[i].Name) || files.Take(i).Any(other => other.Name == files[i].Name))
            {
                yield return $"settings.config_files[{i}].name: must be 1 to 32 of a-z, 0-9 and '-', each name once";
            }
        }
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,31}\z")]
    private static partial Regex FileName();
}
