using Orchestrator.Scheduler.Feasibility;
using Orchestrator.Scheduler.Ranking;
using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Planning;

/// <summary>
/// The best host for a class to which other workloads matter: of each group only the best host by the rules about hosts, of these the
/// best with the rules about places added. One for all classes of a plan.
/// </summary>
internal sealed class PlaceChoice(Draft draft)
{
    private readonly FeasibleGroups _feasible = new();
    private readonly int[] _names = draft.Names.RankOf;
    private int[] _sums = [];
    private int[] _scores = [];

    public (int Slot, int Score) Best(CompiledWorkload workload, Tournaments tournaments)
    {
        FindFeasible(workload.Neighborhood!, tournaments);
        var groups = _feasible.Groups;
        if (groups.Length == 0) return (HostScores.NoHost, 0);
        Score(workload);
        var (best, bestOrder) = (HostScores.NoHost, Tournaments.Infeasible);
        for (var at = 0; at < groups.Length; at++)
        {
            var position = tournaments.Best(groups[at]);
            var order = tournaments.Orders[position] + ((long)_sums[at] << 32);
            if (order < bestOrder) continue;
            var slot = tournaments.Groups.Slots[position];
            if (order > bestOrder || _names[slot] < _names[best]) (best, bestOrder) = (slot, order);
        }

        return (best, RankingProfile.ScoreOf(bestOrder));
    }

    private void FindFeasible(Neighborhood neighborhood, Tournaments tournaments)
    {
        var groups = tournaments.Groups.Count;
        _feasible.Clear(groups);
        var restricts = neighborhood.Restricts;
        for (var group = 0; group < groups; group++)
        {
            var hosts = tournaments.Feasible(group);
            if (hosts > 0 && (!restricts || FeasibilityRules.AllowPlace(neighborhood, group))) _feasible.Add(group, hosts);
        }
    }

    private void Score(CompiledWorkload workload)
    {
        var count = _feasible.Groups.Length;
        if (_sums.Length < count) (_sums, _scores) = (new int[count], new int[count]);
        Array.Clear(_sums, 0, count);
        foreach (var (rule, weight) in workload.Ranking.OfPlaces)
        {
            if (!rule.Matters(workload.Neighborhood!)) continue;
            rule.Score(workload.Neighborhood!, _feasible, _scores.AsSpan(0, count));
            for (var at = 0; at < count; at++) _sums[at] += weight * _scores[at];
        }
    }
}
