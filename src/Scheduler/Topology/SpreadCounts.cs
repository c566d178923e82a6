using System.Numerics;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Topology;

/// <summary>One spread constraint with its counts.</summary>
internal sealed class SpreadCounts
{
    private readonly bool[] _eligible;
    private readonly int _domains;
    private int _least;
    private int _leastOf = -1;

    /// <param name="constraint">The constraint.</param>
    /// <param name="counts">The workloads that it selects, on the hosts that it counts.</param>
    /// <param name="topology">Its topology.</param>
    /// <param name="hosts">By block, the hosts that make a place count.</param>
    /// <param name="selectsItself">The workload that is to be placed is one of those that are counted.</param>
    public SpreadCounts(SpreadConstraint constraint, DomainCounts counts, HostTopology topology, ulong[] hosts, bool selectsItself)
    {
        Constraint = constraint;
        Counts = counts;
        SelectsItself = selectsItself;
        _eligible = new bool[topology.Values.Count];
        for (var block = 0; block < hosts.Length; block++)
        {
            for (var rest = hosts[block]; rest != 0; rest &= rest - 1)
            {
                if (topology.DomainOf[block * HostBlock.Size + BitOperations.TrailingZeroCount(rest)] is >= 0 and var domain) _eligible[domain] = true;
            }
        }

        _domains = _eligible.Count(eligible => eligible);
    }

    public SpreadConstraint Constraint { get; }
    public DomainCounts Counts { get; }
    public bool SelectsItself { get; }

    /// <summary>The number of workloads in the place that has least; 0 if there are fewer places than there should be.</summary>
    public int Least
    {
        get
        {
            if (_leastOf == Counts.Version) return _least;
            _leastOf = Counts.Version;
            return _least = _domains < Constraint.MinimumDomains || _domains == 0 ? 0 : Minimum();
        }
    }

    /// <summary>How far apart the places would be with the workload in this group.</summary>
    public int SkewAt(int group) => Counts.At(group) + (SelectsItself ? 1 : 0) - Least;

    private int Minimum()
    {
        var least = int.MaxValue;
        var counts = Counts.Counts;
        for (var domain = 0; domain < counts.Length; domain++)
            if (_eligible[domain] && counts[domain] < least) least = counts[domain];
        return least;
    }
}
