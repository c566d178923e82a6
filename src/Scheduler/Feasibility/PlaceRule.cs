using System.Numerics;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;
using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>
/// A rule about what is in the same place as a host and in the other places. All hosts of a group are in the same places, so the rule
/// is asked once a group.
/// </summary>
internal abstract class PlaceRule : FeasibilityRule
{
    public override bool FollowsUse => true;

    public abstract bool Allows(Neighborhood neighborhood, int group);

    public override ulong Removes(HostBlock block, CompiledWorkload workload, ulong among)
    {
        if (workload.Neighborhood is not { } neighborhood) return 0;
        var removed = 0UL;
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            if (!Allows(neighborhood, GroupOf(block, slot, neighborhood))) removed |= 1UL << slot;
        }

        return removed;
    }

    protected static int GroupOf(HostBlock block, int slot, Neighborhood neighborhood) => neighborhood.Groups.GroupOf[block.First + slot];

    /// <summary>The place of a group in words: <c>zone=a</c>.</summary>
    protected static string Place(DomainCounts counts, int group) => $"{counts.Key}={counts.Value(group)}";
}
