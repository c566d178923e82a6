using System.Numerics;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>The host has every label of the workload's nodeSelector and of its runtime class's.</summary>
internal sealed class NodeSelector : FeasibilityRule
{
    private const int LastBit = 62;

    public override string Name => nameof(NodeSelector);

    public override ulong Removes(HostBlock block, CompiledWorkload workload, ulong among)
    {
        var matching = among;
        foreach (var label in workload.SelectorIds)
        {
            if (matching == 0) break;
            matching &= block.Labels[label];
        }

        return among & ~matching;
    }

    /// <summary>The labels that the host lacks, a bit each; a selector's labels from the 63rd on share one.</summary>
    public override void AddReasons(HostBlock block, int slot, CompiledWorkload workload, ICollection<Reason> reasons)
    {
        var missing = 0L;
        for (var at = 0; at < workload.SelectorIds.Length; at++)
            if ((block.Labels[workload.SelectorIds[at]] >> slot & 1) == 0) missing |= 1L << Math.Min(at, LastBit);
        reasons.Add(new Reason(missing, LastBit - BitOperations.PopCount((ulong)missing)));
    }

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason)
    {
        var missing = workload.Demand.Selector.Where((_, at) => (reason >> Math.Min(at, LastBit) & 1) == 1).ToArray();
        return Lack($"not matching nodeSelector {string.Join(',', missing)}", $"orc label node {block.Name(slot)} {string.Join(' ', missing)}, or select other labels");
    }
}
