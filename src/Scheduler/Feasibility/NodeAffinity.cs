using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>The host is one that the workload's required node affinity means: one of its terms, with all that the term asks.</summary>
internal sealed class NodeAffinity : FeasibilityRule
{
    public override string Name => nameof(NodeAffinity);

    public override ulong Removes(HostBlock block, CompiledWorkload workload, ulong among)
    {
        if (workload.Demand.RequiredHosts is null) return 0;
        var matching = 0UL;
        foreach (var term in workload.RequiredHosts)
        {
            matching |= term.Matching(block, among & ~matching);
            if (matching == among) break;
        }

        return among & ~matching;
    }

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason) =>
        Lack($"not matching node affinity {workload.Demand.RequiredHosts}", "label the host so that it matches, or ask for less");
}
