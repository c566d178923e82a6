using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;
using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>
/// With the workload on the host, the host's place has at most maxSkew of the selected workloads more than the place that has
/// least; for every constraint that must be satisfied. A host that lacks the label of a constraint has no place.
/// </summary>
internal sealed class TopologySpread : PlaceRule
{
    private const int NoPlace = int.MaxValue;

    public override string Name => nameof(TopologySpread);

    public override ClusterEvents HelpedBy => ClusterEvents.HostChanged | ClusterEvents.WorkloadGone | ClusterEvents.WorkloadPlaced;

    public override bool Allows(Neighborhood neighborhood, int group)
    {
        foreach (var spread in neighborhood.RequiredSpread)
            if (!spread.Counts.Has(group) || spread.SkewAt(group) > spread.Constraint.MaximumSkew) return false;
        return true;
    }

    /// <summary>Each constraint that the host does not meet; the nearer, the less the skew is above what may be.</summary>
    public override void AddReasons(HostBlock block, int slot, CompiledWorkload workload, ICollection<Reason> reasons)
    {
        var neighborhood = workload.Neighborhood!;
        var group = GroupOf(block, slot, neighborhood);
        for (var at = 0; at < neighborhood.RequiredSpread.Length; at++)
        {
            var spread = neighborhood.RequiredSpread[at];
            var skew = spread.Counts.Has(group) ? spread.SkewAt(group) : NoPlace;
            if (skew > spread.Constraint.MaximumSkew) reasons.Add(new Reason(at * 2 + (skew == NoPlace ? 1 : 0), -skew));
        }
    }

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason)
    {
        var spread = workload.Neighborhood!.RequiredSpread[reason / 2];
        var (group, constraint) = (GroupOf(block, slot, workload.Neighborhood), spread.Constraint);
        return reason % 2 == 1
            ? Lack($"without label {constraint.TopologyKey} of a topology spread constraint", $"label the host with {constraint.TopologyKey}")
            : Lack(
                $"breaking the spread over {constraint.TopologyKey}",
                $"make room where there is least, or allow a maxSkew of {spread.SkewAt(group)}",
                $"{Place(spread.Counts, group)} would be {spread.SkewAt(group)} ahead of the place with least ({spread.Least}), at most {constraint.MaximumSkew} may be");
    }
}
