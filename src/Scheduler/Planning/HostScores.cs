using System.Numerics;
using Orchestrator.Scheduler.Feasibility;
using Orchestrator.Scheduler.Snapshot;
using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Planning;

/// <summary>
/// The order of all hosts for one demand, by the rules about hosts, and the best of each group. Made once; afterwards only the hosts
/// that took a workload since are looked at again.
/// </summary>
internal sealed class HostScores
{
    public const int NoHost = -1;

    private readonly CompiledWorkload _workload;
    private readonly Draft _draft;
    private readonly ulong[] _candidates;
    private int _read;

    /// <param name="draft">The hosts.</param>
    /// <param name="workload">One of the workloads with the demand.</param>
    /// <param name="groups">The groups of which the best are wanted.</param>
    public HostScores(Draft draft, CompiledWorkload workload, HostGroups groups)
    {
        _draft = draft;
        _workload = workload;
        _candidates = new ulong[draft.Blocks.Length];
        Tournaments = new Tournaments(groups);
        ScoreAll();
    }

    public Tournaments Tournaments { get; }

    /// <summary>The slot of the best host of all and its score, where places do not matter; <see cref="NoHost"/> if no host is feasible.</summary>
    public (int Slot, int Score) Best()
    {
        if (Tournaments.Groups.Count == 0) return (NoHost, 0);
        var best = Tournaments.Best(0);
        var order = Tournaments.Orders[best];
        return order == Tournaments.Infeasible ? (NoHost, 0) : (Tournaments.Groups.Slots[best], Ranking.RankingProfile.ScoreOf(order));
    }

    /// <summary>Looks again at the hosts that the draft has changed since the last time.</summary>
    public void CatchUp()
    {
        for (; _read < _draft.Changes.Count; _read++)
        {
            var slot = _draft.Changes[_read].Slot;
            var (at, bit) = (slot / HostBlock.Size, slot % HostBlock.Size);
            if ((_candidates[at] >> bit & 1) == 0) continue;
            var block = _draft.Blocks[at];
            var host = FeasibilityRules.WithRoom(block, _workload, 1UL << bit);
            var order = host == 0 ? Tournaments.Infeasible : _workload.Ranking.Order(block, bit, _workload);
            Tournaments.Set(Tournaments.Groups.PositionOf[slot], order);
        }
    }

    private void ScoreAll()
    {
        _read = _draft.Changes.Count;
        Array.Fill(Tournaments.Orders, Tournaments.Infeasible);
        for (var at = 0; at < _candidates.Length; at++)
        {
            var block = _draft.Blocks[at];
            _candidates[at] = FeasibilityRules.Candidates(block, _workload, block.Present);
            for (var rest = FeasibilityRules.WithRoom(block, _workload, _candidates[at]); rest != 0; rest &= rest - 1)
            {
                var slot = BitOperations.TrailingZeroCount(rest);
                Tournaments.Orders[Tournaments.Groups.PositionOf[block.First + slot]] = _workload.Ranking.Order(block, slot, _workload);
            }
        }

        Tournaments.PlayAll();
    }
}
