using Orchestrator.Scheduler.Planning;

namespace Orchestrator.Scheduler.Preemption;

/// <summary>
/// Makes room for workloads that fit nowhere by ending less important ones; never in vain: only where the workload fits afterwards. The
/// room is taken for it in the draft at once, so that nothing less important, planned later, slips in.
/// </summary>
internal sealed class Preemptor
{
    private readonly Draft _draft;
    private readonly Budgets _budgets;
    private readonly HashSet<string> _ending = [];
    private readonly VictimChoice _choice;
    private readonly Dictionary<(WorkloadShape, int), VictimOffers> _offers = [];

    public Preemptor(Draft draft, DisruptionBudgets budgets)
    {
        _draft = draft;
        _budgets = new Budgets(budgets);
        _choice = new VictimChoice(draft, _budgets, _ending);
    }

    /// <summary>Null if there is no host on which ending others would help, or the workload may not have them ended.</summary>
    public Nomination? For(WorkloadView workload, WorkloadShape shape)
    {
        if (!workload.MayPreempt) return null;
        var key = (shape, workload.Priority);
        if (!_offers.TryGetValue(key, out var offers))
        {
            var compiled = new CompiledWorkload(shape, _draft);
            _offers.Add(key, offers = new VictimOffers(_draft, compiled, workload.Priority, _choice, _budgets));
        }

        if (offers.Best() is not { } victims) return null;
        _budgets.Spend(victims.Residents);
        foreach (var victim in victims.Residents) _ending.Add(victim.Uid);
        _draft.Place(victims.Slot, workload.Requests, _draft.Symbols.Traits.Find(workload.Traits));
        return new Nomination(workload, _draft.HostAt(victims.Slot).Name, victims.Residents.ToValueList());
    }
}
