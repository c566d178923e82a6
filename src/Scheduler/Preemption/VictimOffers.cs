using System.Numerics;
using Orchestrator.Scheduler.Feasibility;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Preemption;

/// <summary>
/// The cheapest victims for one class and priority: what each host offers, looked at again only where the plan has changed it. For a class
/// to which other places matter nothing is kept, and on large clusters not every host is tried.
/// </summary>
internal sealed class VictimOffers(Draft draft, CompiledWorkload workload, int priority, VictimChoice choice, Budgets budgets)
{
    private const int MostTrials = 512;

    private readonly Victims?[] _offers = new Victims?[draft.Blocks.Length * HostBlock.Size];
    private int _read = -1;
    private int _budgets;

    public Victims? Best()
    {
        workload.Neighborhood?.CatchUp(draft);
        if (_read < 0 || workload.Neighborhood is not null || _budgets != budgets.Version) TryAll();
        else CatchUp();
        Victims? best = null;
        foreach (var slot in draft.Names.Slots)
            if (_offers[slot] is { } offer && (best is null || offer.Cost.CompareTo(best.Cost) < 0)) best = offer;
        return best;
    }

    private void TryAll()
    {
        (_read, _budgets) = (draft.Changes.Count, budgets.Version);
        Array.Clear(_offers);
        var trials = workload.Neighborhood is null ? int.MaxValue : MostTrials;
        foreach (var block in draft.Blocks)
        {
            var candidates = FeasibilityRules.Candidates(block, workload, block.Present);
            if (candidates == 0 || trials <= 0) continue;
            var scratch = block.CopyForPlanning();
            for (var rest = candidates; rest != 0 && trials-- > 0; rest &= rest - 1)
                Try(block.First + BitOperations.TrailingZeroCount(rest), scratch);
        }
    }

    private void CatchUp()
    {
        for (; _read < draft.Changes.Count; _read++)
        {
            var slot = draft.Changes[_read].Slot;
            var block = draft.Blocks[slot / HostBlock.Size];
            _offers[slot] = null;
            if (FeasibilityRules.Candidates(block, workload, 1UL << slot % HostBlock.Size) != 0) Try(slot, block.CopyForPlanning());
        }
    }

    private void Try(int slot, HostBlock scratch) => _offers[slot] = choice.On(slot, priority, workload, scratch);
}
