using Orchestrator.Contracts.Ids;

namespace Orchestrator.Scheduler;

/// <summary>
/// How many of the workloads of its namespace that <paramref name="Selection"/> means may end now because somebody chose so. With no
/// selection it guards none.
/// </summary>
public sealed record DisruptionBudget(ObjectKey Key, Selection? Selection, int Allowed)
{
    internal bool Guards(WorkloadTraits workload) => workload.Namespace == Key.Namespace && Selection?.Selects(workload.Labels) == true;
}

/// <summary>The disruption budgets of the cluster.</summary>
public sealed class DisruptionBudgets(IEnumerable<DisruptionBudget> budgets)
{
    public static readonly DisruptionBudgets None = new([]);

    private readonly ILookup<string, DisruptionBudget> _budgets = budgets.ToLookup(budget => budget.Key.Namespace);

    internal IEnumerable<DisruptionBudget> Guarding(WorkloadTraits workload) => _budgets[workload.Namespace].Where(budget => budget.Guards(workload));
}
