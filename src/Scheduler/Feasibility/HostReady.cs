using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>The host's condition Ready is True: its agent is connected and can run work.</summary>
internal sealed class HostReady : FeasibilityRule
{
    public override string Name => nameof(HostReady);

    public override ulong Removes(HostBlock block, CompiledWorkload workload, ulong among) => among & ~block.Ready;

    public override void AddReasons(HostBlock block, int slot, CompiledWorkload workload, ICollection<Reason> reasons) =>
        reasons.Add(new Reason(0, block.Host(slot).NotReadyMessage.Length > 0 ? 1 : 0));

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason) =>
        Lack("not ready", "bring its agent back", block.Host(slot).NotReadyMessage);
}
