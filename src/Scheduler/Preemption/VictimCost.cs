namespace Orchestrator.Scheduler.Preemption;

/// <summary>
/// What it costs to end some workloads, the lower the better, by Kubernetes' rules: broken disruption budgets first, then the highest
/// priority among them, then the sum of their priorities, then their number; at last, better end those that have not been there for long.
/// </summary>
internal readonly record struct VictimCost(int BrokenBudgets, int HighestPriority, long PrioritySum, int Count, long OldestSequence) : IComparable<VictimCost>
{
    public static readonly VictimCost None = new(0, int.MinValue, 0, 0, long.MaxValue);

    public VictimCost With(Resident victim, bool breaksBudget) => new(
        BrokenBudgets + (breaksBudget ? 1 : 0),
        Math.Max(HighestPriority, victim.Priority),
        // Counted from the lowest priority there is, so that one victim more never lowers the sum.
        PrioritySum + victim.Priority - (long)int.MinValue,
        Count + 1,
        victim.Priority > HighestPriority ? victim.Sequence : victim.Priority == HighestPriority ? Math.Min(OldestSequence, victim.Sequence) : OldestSequence);

    public int CompareTo(VictimCost other)
    {
        var order = BrokenBudgets.CompareTo(other.BrokenBudgets);
        if (order == 0) order = HighestPriority.CompareTo(other.HighestPriority);
        if (order == 0) order = PrioritySum.CompareTo(other.PrioritySum);
        if (order == 0) order = Count.CompareTo(other.Count);
        return order == 0 ? other.OldestSequence.CompareTo(OldestSequence) : order;
    }
}
