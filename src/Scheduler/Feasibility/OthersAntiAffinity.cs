using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;
using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>No workload whose own anti-affinity selects this one is in the host's place.</summary>
internal sealed class OthersAntiAffinity : PlaceRule
{
    public override string Name => nameof(OthersAntiAffinity);

    public override ClusterEvents HelpedBy => ClusterEvents.HostChanged | ClusterEvents.WorkloadGone;

    public override bool Allows(Neighborhood neighborhood, int group)
    {
        foreach (var counts in neighborhood.OthersAntiAffinity)
            if (counts.At(group) > 0) return false;
        return true;
    }

    public override void AddReasons(HostBlock block, int slot, CompiledWorkload workload, ICollection<Reason> reasons)
    {
        var group = GroupOf(block, slot, workload.Neighborhood!);
        for (var at = 0; at < workload.Neighborhood!.OthersAntiAffinity.Length; at++)
            if (workload.Neighborhood.OthersAntiAffinity[at].At(group) is > 0 and var count) reasons.Add(new Reason(at, -count));
    }

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason)
    {
        var counts = workload.Neighborhood!.OthersAntiAffinity[reason];
        return Lack($"kept away by the anti-affinity of others per {counts.Key}", "end those that keep it away, or let them prefer instead of require", Place(counts, GroupOf(block, slot, workload.Neighborhood)));
    }
}
