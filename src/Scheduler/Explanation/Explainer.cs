using System.Numerics;
using Orchestrator.Scheduler.Feasibility;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler;

/// <summary>Asks every rule about every host, where planning stops at the first refusal.</summary>
internal sealed class Explainer
{
    private const int MaximumNearest = 5;
    private const int MaximumFeasible = 20;

    private readonly Draft _draft;
    private readonly CompiledWorkload _workload;
    private readonly ulong[] _feasibleOf;
    private readonly ReasonTally[] _tallies = Array.ConvertAll(FeasibilityRules.All, rule => new ReasonTally(rule));
    private readonly TopHosts _feasible = new(MaximumFeasible);
    private readonly TopHosts _nearest = new(MaximumNearest);
    private readonly List<Reason> _reasons = [];
    private int _hosts;
    private int _feasibleHosts;

    private Explainer(Draft draft, CompiledWorkload workload)
    {
        _draft = draft;
        _workload = workload;
        _feasibleOf = new ulong[draft.Blocks.Length];
    }

    /// <param name="draft">The hosts.</param>
    /// <param name="workload">Compiled for the draft as it is now.</param>
    public static Explanation Explain(Draft draft, CompiledWorkload workload)
    {
        var explainer = new Explainer(draft, workload);
        foreach (var block in draft.Blocks) explainer.Add(block);
        return explainer.Result();
    }

    private void Add(HostBlock block)
    {
        _hosts += BitOperations.PopCount(block.Present);
        Span<ulong> removed = stackalloc ulong[FeasibilityRules.All.Length];
        var feasible = block.Present;
        for (var rule = 0; rule < removed.Length; rule++)
        {
            removed[rule] = FeasibilityRules.All[rule].Removes(block, _workload, block.Present);
            Count(block, rule, removed[rule] & feasible);
            feasible &= ~removed[rule];
        }

        _feasibleHosts += BitOperations.PopCount(feasible);
        _feasibleOf[block.First / HostBlock.Size] = feasible;
        for (var rest = block.Present & ~feasible; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            _nearest.Offer(Nearness(block, slot, removed), block, slot);
        }
    }

    private void Count(HostBlock block, int rule, ulong removed)
    {
        for (var rest = removed; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            _reasons.Clear();
            FeasibilityRules.All[rule].AddReasons(block, slot, _workload, _reasons);
            _tallies[rule].Add(block, slot, _reasons);
        }
    }

    /// <summary>The fewer rules are broken the nearer; then the larger the part of the requests that there is room for.</summary>
    private long Nearness(HostBlock block, int slot, ReadOnlySpan<ulong> removed)
    {
        var broken = 0;
        foreach (var hosts in removed) broken += (int)(hosts >> slot & 1);
        return -(long)broken * 1_000_000 + (long)(Resources.RoomFor(block, slot, _workload) * 999_999);
    }

    private Explanation Result()
    {
        var places = PlaceScores.Of(_draft, _workload, _feasibleOf);
        foreach (var block in _draft.Blocks)
        {
            for (var rest = _feasibleOf[block.First / HostBlock.Size]; rest != 0; rest &= rest - 1)
            {
                var slot = BitOperations.TrailingZeroCount(rest);
                var order = _workload.Ranking.Order(block, slot, _workload) + ((long)places.Sum(block.First + slot) << 32);
                _feasible.Offer(order, block, slot);
            }
        }

        var removals = _tallies.Select(tally => tally.Result(_workload)).OfType<RuleRemoval>();
        var helpedBy = _tallies.Aggregate(ClusterEvents.None, (events, tally) => events | tally.HelpedBy);
        return new Explanation(
            _hosts, _feasibleHosts, removals.ToValueList(),
            _nearest.Select(Nearest).ToValueList(), _feasible.Select((block, slot) => Ranked(block, slot, places)).ToValueList())
        {
            HelpedBy = _hosts == 0 ? ClusterEvents.HostChanged : helpedBy,
        };
    }

    private NearestHost Nearest(HostBlock block, int slot)
    {
        var lacks = new List<Lack>();
        foreach (var rule in FeasibilityRules.All)
        {
            if (rule.Removes(block, _workload, 1UL << slot) == 0) continue;
            _reasons.Clear();
            rule.AddReasons(block, slot, _workload, _reasons);
            lacks.AddRange(_reasons.Select(reason => rule.Describe(block, slot, _workload, reason.Id)));
        }

        return new NearestHost(block.Host(slot).Name, lacks.ToValueList());
    }

    private RankedHost Ranked(HostBlock block, int slot, PlaceScores places)
    {
        var scores = _workload.Ranking.OfHosts.Select(one => new RuleScore(one.Rule.Name, one.Rule.Score(block, slot, _workload), one.Weight))
            .Concat(places.Of(block.First + slot)).ToValueList();
        return new RankedHost(block.Host(slot).Name, scores.Sum(score => score.Score * score.Weight), scores);
    }
}
