using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>A cordoned host takes only workloads that tolerate <c>node.kubernetes.io/unschedulable:NoSchedule</c>.</summary>
internal sealed class Unschedulable : FeasibilityRule
{
    public override string Name => nameof(Unschedulable);

    public override ulong Removes(HostBlock block, CompiledWorkload workload, ulong among) =>
        workload.ToleratesUnschedulable ? 0 : among & block.Unschedulable;

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason) =>
        Lack("unschedulable (cordoned)", $"orc uncordon {block.Name(slot)}");
}
