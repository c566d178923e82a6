using Orchestrator.Scheduler.Feasibility;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Planning;

/// <summary>
/// The best of a few hosts that a workload names: by nodeName, or by the name in every term of its node affinity, as the pods of a
/// DaemonSet do. No other host is looked at, however many there are.
/// </summary>
internal static class NamedChoice
{
    private const string NameField = "metadata.name";

    /// <summary>The slots of the hosts that are named; null if the workload names none.</summary>
    public static int[]? Slots(HostDemand demand, Draft draft)
    {
        if (demand.NodeName.Length > 0) return Slots([demand.NodeName], draft);
        if (demand.RequiredHosts is not { Terms.Count: > 0 } required) return null;
        var names = new List<string>();
        foreach (var term in required.Terms)
        {
            if (!TryList(term, names)) return null;
        }

        return Slots(names, draft);
    }

    public static (int Slot, int Score) Best(Draft draft, CompiledWorkload workload, int[] slots)
    {
        var (best, bestOrder) = (HostScores.NoHost, Tournaments.Infeasible);
        foreach (var slot in slots)
        {
            var (block, bit) = (draft.Blocks[slot / HostBlock.Size], slot % HostBlock.Size);
            var host = FeasibilityRules.WithRoom(block, workload, FeasibilityRules.Candidates(block, workload, 1UL << bit));
            if (host == 0) continue;
            var order = workload.Ranking.Order(block, bit, workload);
            if (order > bestOrder || (order == bestOrder && string.CompareOrdinal(block.Name(bit), draft.HostAt(best).Name.Value) < 0))
                (best, bestOrder) = (slot, order);
        }

        return best == HostScores.NoHost ? (best, 0) : (best, Ranking.RankingProfile.ScoreOf(bestOrder));
    }

    private static bool TryList(HostTerm term, List<string> names)
    {
        foreach (var requirement in term.Names)
        {
            if (requirement is not { Key: NameField, Operator: LabelOperator.In }) continue;
            names.AddRange(requirement.Values);
            return true;
        }

        return false;
    }

    private static int[] Slots(IEnumerable<string> names, Draft draft) => names.Distinct().Select(draft.SlotOf).Where(slot => slot >= 0).ToArray();
}
