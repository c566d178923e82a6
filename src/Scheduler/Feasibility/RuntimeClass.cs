using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>The workload's runtime class works on the host, as the host's own probe found.</summary>
internal sealed class RuntimeClass : FeasibilityRule
{
    public override string Name => nameof(RuntimeClass);

    public override ulong Removes(HostBlock block, CompiledWorkload workload, ulong among) =>
        among & ~block.RuntimeClasses[workload.RuntimeClassId];

    public override void AddReasons(HostBlock block, int slot, CompiledWorkload workload, ICollection<Reason> reasons) =>
        reasons.Add(new Reason(0, Message(block, slot, workload).Length > 0 ? 1 : 0));

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason) =>
        Lack($"without runtime class {workload.Demand.RuntimeClass}", "make the class work there, or name another one", Message(block, slot, workload));

    private static string Message(HostBlock block, int slot, CompiledWorkload workload) =>
        block.Host(slot).RuntimeClassMessages.GetValueOrDefault(workload.Demand.RuntimeClass, "");
}
