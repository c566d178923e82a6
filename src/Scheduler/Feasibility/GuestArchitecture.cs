using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>The workload's runtime class runs guests of the wanted instruction set on the host: emulation may, virtualisation may not.</summary>
internal sealed class GuestArchitecture : FeasibilityRule
{
    public override string Name => nameof(GuestArchitecture);

    public override ulong Removes(HostBlock block, CompiledWorkload workload, ulong among) =>
        workload.Demand.Architecture.Length == 0 ? 0 : among & ~block.RuntimeClasses[workload.ArchitectureId];

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason) =>
        Lack($"not running {workload.Demand.Architecture} guests with runtime class {workload.Demand.RuntimeClass}", $"name a runtime class that runs {workload.Demand.Architecture} guests there");
}
