using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>A workload with a scheduling gate goes nowhere until whoever set the gate removes it.</summary>
internal sealed class SchedulingGates : FeasibilityRule
{
    public override string Name => nameof(SchedulingGates);

    public override ClusterEvents HelpedBy => ClusterEvents.None;

    public override ulong Removes(HostBlock block, CompiledWorkload workload, ulong among) => workload.Demand.Gates.Count == 0 ? 0 : among;

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason) =>
        Lack($"held back by scheduling gate {string.Join(", ", workload.Demand.Gates)}", "remove the gates (spec.schedulingGates)");
}
