using Orchestrator.Contracts.Ids;

namespace Orchestrator.Scheduler.Preemption;

/// <summary>How many more workloads each disruption budget lets end, what a plan has ended already taken off.</summary>
internal sealed class Budgets(DisruptionBudgets budgets)
{
    private readonly Dictionary<ObjectKey, int> _spent = [];

    /// <summary>Grows whenever something is spent.</summary>
    public int Version { get; private set; }

    /// <summary>For each of these workloads, in their order, whether ending it and those before it would break a budget.</summary>
    public bool[] Broken(IReadOnlyList<Resident> residents)
    {
        var taken = new Dictionary<ObjectKey, int>();
        var broken = new bool[residents.Count];
        for (var at = 0; at < broken.Length; at++)
        {
            foreach (var budget in budgets.Guarding(residents[at].Traits))
            {
                var before = taken.GetValueOrDefault(budget.Key);
                taken[budget.Key] = before + 1;
                broken[at] |= before >= budget.Allowed - _spent.GetValueOrDefault(budget.Key);
            }
        }

        return broken;
    }

    public void Spend(IEnumerable<Resident> victims)
    {
        foreach (var victim in victims)
        {
            foreach (var budget in budgets.Guarding(victim.Traits))
            {
                _spent[budget.Key] = _spent.GetValueOrDefault(budget.Key) + 1;
                Version++;
            }
        }
    }
}
