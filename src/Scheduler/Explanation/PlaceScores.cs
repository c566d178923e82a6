using System.Numerics;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;
using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler;

/// <summary>What the rules about places say of every feasible host, rule by rule; planning needs their sum only.</summary>
internal sealed class PlaceScores
{
    private readonly HostGroups? _groups;
    private readonly List<(string Rule, int Weight, int[] ByGroup)> _scores = [];

    private PlaceScores(HostGroups? groups) => _groups = groups;

    public static PlaceScores Of(Draft draft, CompiledWorkload workload, ulong[] feasibleHosts)
    {
        var places = new PlaceScores(workload.Neighborhood?.Groups);
        var feasible = places._groups is { } groups ? Feasible(draft, groups, feasibleHosts) : new FeasibleGroups();
        var scores = new int[feasible.Groups.Length];
        foreach (var (rule, weight) in workload.Ranking.OfPlaces)
        {
            var byGroup = new int[places._groups?.Count ?? 0];
            places._scores.Add((rule.Name, weight, byGroup));
            if (workload.Neighborhood is not { } neighborhood || !rule.Matters(neighborhood)) continue;
            rule.Score(neighborhood, feasible, scores);
            for (var at = 0; at < scores.Length; at++) byGroup[feasible.Groups[at]] = scores[at];
        }

        return places;
    }

    public int Sum(int slot) => Of(slot).Sum(score => score.Score * score.Weight);

    /// <summary>A rule to which all hosts are equal scores none.</summary>
    public IEnumerable<RuleScore> Of(int slot) =>
        _scores.Select(one => new RuleScore(one.Rule, _groups is null ? 0 : one.ByGroup[_groups.GroupOf[slot]], one.Weight));

    private static FeasibleGroups Feasible(Draft draft, HostGroups groups, ulong[] feasibleHosts)
    {
        var hosts = new int[groups.Count];
        foreach (var block in draft.Blocks)
        {
            for (var rest = feasibleHosts[block.First / HostBlock.Size]; rest != 0; rest &= rest - 1)
                hosts[groups.GroupOf[block.First + BitOperations.TrailingZeroCount(rest)]]++;
        }

        var feasible = new FeasibleGroups();
        feasible.Clear(groups.Count);
        for (var group = 0; group < hosts.Length; group++)
            if (hosts[group] > 0) feasible.Add(group, hosts[group]);
        return feasible;
    }
}
