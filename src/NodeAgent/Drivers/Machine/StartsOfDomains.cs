using Orchestrator.Dom0.V1;

namespace Orchestrator.NodeAgent.Drivers.Machine;

/// <summary>What a machine's domain takes anew with each start: its size, which its type may have changed since the last one.</summary>
internal static class StartsOfDomains
{
    /// <summary>Why a machine that has no domain yet can't get one.</summary>
    public static StepOutcome Problem(DesiredWorkload workload) => workload.Machine!.Spec is { MachineTypeName: { Length: > 0 } type, HasCpus: false }
        ? new StepOutcome("MachineTypeNotFound", $"there is no MachineType \"{type}\"")
        : StepOutcome.Done;

    public static StartDomainRequest Request(DesiredWorkload workload) =>
        new() { Id = workload.Id.Uid, PowerCycle = workload.Power?.Cycle?.Id ?? "", Settings = Settings(workload) };

    /// <summary>A machine whose type has gone keeps the size that it has.</summary>
    public static StartSettings Settings(DesiredWorkload workload)
    {
        var spec = workload.Machine!.Spec;
        return new StartSettings { Vcpus = spec.Cpus, MemoryBytes = ResourceAmounts.Parse(spec.Memory).ToInt64Ceiling() };
    }
}
