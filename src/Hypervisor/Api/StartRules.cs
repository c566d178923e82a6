using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Engines;

namespace Orchestrator.Hypervisor.Api;

/// <summary>What a start may take anew of a domain that is there.</summary>
internal static class StartRules
{
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

        if (spec is null || engines.Find(spec.Engine) is not { } engine)
        {
            yield break;
        }

        foreach (var (field, problem) in engine.Violations(settings.ApplyTo(spec)))
        {
            yield return $"{field.Replace("spec.", "settings.", StringComparison.Ordinal)}: {problem}";
        }
    }
}
