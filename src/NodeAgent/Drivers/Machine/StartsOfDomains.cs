using Orchestrator.Dom0.V1;

namespace Orchestrator.NodeAgent.Drivers.Machine;

/// <summary>What a machine's domain takes anew with each start: its size, which its type may have changed since the last one, and cloud-init's files.</summary>
internal static class StartsOfDomains
{
    /// <summary>Why a machine that has no domain yet can't get one.</summary>
    public static StepOutcome Problem(DesiredWorkload workload) => workload.Machine!.Spec is { MachineTypeName: { Length: > 0 } type, HasCpus: false }
        ? new StepOutcome("MachineTypeNotFound", $"there is no MachineType \"{type}\"")
        : StepOutcome.Done;

    /// <exception cref="Configuration.ConfigurationProblemException">What cloud-init shall find isn't there.</exception>
    public static StartDomainRequest Request(DesiredWorkload workload, Domain domain) =>
        new() { Id = workload.Id.Uid, PowerCycle = workload.Power?.Cycle?.Id ?? "", Settings = Settings(workload, domain) };

    /// <summary>A machine whose type has gone keeps the size that it has.</summary>
    /// <exception cref="Configuration.ConfigurationProblemException">What cloud-init shall find isn't there.</exception>
    public static StartSettings Settings(DesiredWorkload workload, Domain domain)
    {
        var spec = workload.Machine!.Spec;
        return new StartSettings
        {
            Vcpus = spec.Cpus,
            MemoryBytes = ResourceAmounts.Parse(spec.Memory).ToInt64Ceiling(),
            ConfigFiles = { domain.Spec.ConfigDrive.Length > 0 ? CloudInitFiles.Of(workload, domain.Spec.Interfaces) : [] },
        };
    }
}
