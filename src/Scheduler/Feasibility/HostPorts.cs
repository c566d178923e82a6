using System.Numerics;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>
/// No workload on the host has taken a port of the host that this one takes: the same number and protocol, on the same address or where
/// one of the two takes every address.
/// </summary>
internal sealed class HostPorts : FeasibilityRule
{
    public override string Name => nameof(HostPorts);

    public override ClusterEvents HelpedBy => ClusterEvents.WorkloadGone | ClusterEvents.HostChanged;

    public override bool FollowsUse => true;

    public override ulong Removes(HostBlock block, CompiledWorkload workload, ulong among)
    {
        if (workload.ConflictingTraits.Length == 0) return 0;
        var removed = 0UL;
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            foreach (var (traits, count) in block.Traits[slot])
                if (count > 0 && workload.ConflictingTraits[traits]) removed |= 1UL << slot;
        }

        return removed;
    }

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason) =>
        Lack($"with host port {string.Join(", ", workload.Demand.Ports)} taken", "take other host ports, or end what has them");
}
