using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;
using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>No workload that the workload's own anti-affinity selects is in the host's place.</summary>
internal sealed class PodAntiAffinity : PlaceRule
{
    public override string Name => nameof(PodAntiAffinity);

    public override ClusterEvents HelpedBy => ClusterEvents.HostChanged | ClusterEvents.WorkloadGone;

    public override bool Allows(Neighborhood neighborhood, int group)
    {
        foreach (var counts in neighborhood.AntiAffinity)
            if (counts.At(group) > 0) return false;
        return true;
    }

    public override void AddReasons(HostBlock block, int slot, CompiledWorkload workload, ICollection<Reason> reasons)
    {
        var group = GroupOf(block, slot, workload.Neighborhood!);
        for (var at = 0; at < workload.Neighborhood!.AntiAffinity.Length; at++)
            if (workload.Neighborhood.AntiAffinity[at].At(group) is > 0 and var count) reasons.Add(new Reason(at, -count));
    }

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason)
    {
        var counts = workload.Neighborhood!.AntiAffinity[reason];
        var group = GroupOf(block, slot, workload.Neighborhood);
        return Lack($"too near what pod anti-affinity keeps away ({workload.Shape.Traits.AntiAffinity[(int)reason]})", "end what it must not be near, or prefer instead of require", $"{counts.At(group)} in {Place(counts, group)}");
    }
}
