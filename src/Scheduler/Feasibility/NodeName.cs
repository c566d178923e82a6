using System.Numerics;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>A workload that names its host goes there or nowhere.</summary>
internal sealed class NodeName : FeasibilityRule
{
    public override string Name => nameof(NodeName);

    public override ulong Removes(HostBlock block, CompiledWorkload workload, ulong among)
    {
        if (workload.Demand.NodeName.Length == 0) return 0;
        var removed = among;
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            if (block.Name(slot) == workload.Demand.NodeName) removed &= ~(1UL << slot);
        }

        return removed;
    }

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason) =>
        Lack($"not the demanded host {workload.Demand.NodeName} (nodeName)", $"name {block.Name(slot)} in spec.nodeName, or no host");
}
