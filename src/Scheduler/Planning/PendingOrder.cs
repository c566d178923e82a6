namespace Orchestrator.Scheduler.Planning;

/// <summary>The higher priority first, then the older; the key decides between workloads of one moment.</summary>
internal sealed class PendingOrder : IComparer<WorkloadView>
{
    private static readonly PendingOrder Instance = new();

    public static WorkloadView[] Sort(IReadOnlyList<WorkloadView> pending)
    {
        var ordered = pending.ToArray();
        Array.Sort(ordered, Instance);
        return ordered;
    }

    public int Compare(WorkloadView? x, WorkloadView? y)
    {
        if (x is null || y is null) return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        var order = y.Priority.CompareTo(x.Priority);
        if (order == 0) order = x.Sequence.CompareTo(y.Sequence);
        return order == 0 ? x.Key.CompareTo(y.Key) : order;
    }
}
