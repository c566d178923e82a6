using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;
using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>
/// For each term of the workload's affinity, a workload that all of the terms select is in the host's place. Where there is none in the
/// whole cluster and the workload is one itself, it is the first and may go to any host that has the places.
/// </summary>
internal sealed class PodAffinity : PlaceRule
{
    public override string Name => nameof(PodAffinity);

    public override ClusterEvents HelpedBy => ClusterEvents.HostChanged | ClusterEvents.WorkloadPlaced;

    public override bool Allows(Neighborhood neighborhood, int group)
    {
        var (near, total) = (true, 0L);
        foreach (var counts in neighborhood.Affinity)
        {
            if (!counts.Has(group)) return false;
            near &= counts.At(group) > 0;
            total += counts.Total;
        }

        return near || (neighborhood.MatchesItself && total == 0);
    }

    public override void AddReasons(HostBlock block, int slot, CompiledWorkload workload, ICollection<Reason> reasons)
    {
        var group = GroupOf(block, slot, workload.Neighborhood!);
        for (var at = 0; at < workload.Neighborhood!.Affinity.Length; at++)
            if (workload.Neighborhood.Affinity[at].At(group) == 0) reasons.Add(new Reason(at, 0));
    }

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason) =>
        Lack($"not near what pod affinity asks for ({workload.Shape.Traits.Affinity[(int)reason]})", "run there what it must be near");
}
