namespace Orchestrator.Scheduler;

/// <summary>An amount of a resource that is known only by its name, such as <c>example.com/gpu</c>.</summary>
public readonly record struct ExtendedAmount(string Name, long Amount);

/// <summary>
/// Amounts of every resource that the scheduler counts. Sums stop at the largest number instead of wrapping, so an
/// absurd request never looks small. <see cref="Extended"/> is sorted by name and holds no zero.
/// </summary>
public readonly record struct ResourceVector
{
    public long MilliCpu { get; init; }
    public long MemoryBytes { get; init; }
    public long EphemeralBytes { get; init; }

    /// <summary>Workloads: a pod and a machine count as one each.</summary>
    public long Pods { get; init; }

    /// <summary>
    /// What containers that request no CPU are taken to use when hosts are ranked; it never decides whether a workload
    /// fits. Without it, workloads that ask for nothing would all look free and pile up on one host.
    /// </summary>
    public long AssumedMilliCpu { get; init; }

    /// <summary>As <see cref="AssumedMilliCpu"/>, for containers that request no memory.</summary>
    public long AssumedMemoryBytes { get; init; }

    /// <summary>
    /// Thousandths of virtual CPUs of machines. Each host gives out more of them than it has CPUs, by its own ratio
    /// (<see cref="Overcommit"/>), so what they take of it is known only there.
    /// </summary>
    public long VirtualMilliCpu { get; init; }

    /// <summary>The memory of machines, which a host may give out more than once as well.</summary>
    public long MachineMemoryBytes { get; init; }

    public ValueList<ExtendedAmount> Extended { get; init; }

    /// <summary>The amount of an extended resource; 0 if there is none.</summary>
    public long ExtendedAmount(string name)
    {
        foreach (var amount in Extended)
            if (amount.Name == name) return amount.Amount;
        return 0;
    }

    public static ResourceVector operator +(ResourceVector left, ResourceVector right) => new()
    {
        MilliCpu = Sum(left.MilliCpu, right.MilliCpu),
        MemoryBytes = Sum(left.MemoryBytes, right.MemoryBytes),
        EphemeralBytes = Sum(left.EphemeralBytes, right.EphemeralBytes),
        Pods = Sum(left.Pods, right.Pods),
        AssumedMilliCpu = Sum(left.AssumedMilliCpu, right.AssumedMilliCpu),
        AssumedMemoryBytes = Sum(left.AssumedMemoryBytes, right.AssumedMemoryBytes),
        VirtualMilliCpu = Sum(left.VirtualMilliCpu, right.VirtualMilliCpu),
        MachineMemoryBytes = Sum(left.MachineMemoryBytes, right.MachineMemoryBytes),
        Extended = Merge(left.Extended, right.Extended),
    };

    /// <summary>Of each resource the larger amount: what suffices for either, if they never come together.</summary>
    public static ResourceVector Larger(ResourceVector left, ResourceVector right) => new()
    {
        MilliCpu = Math.Max(left.MilliCpu, right.MilliCpu),
        MemoryBytes = Math.Max(left.MemoryBytes, right.MemoryBytes),
        EphemeralBytes = Math.Max(left.EphemeralBytes, right.EphemeralBytes),
        Pods = Math.Max(left.Pods, right.Pods),
        AssumedMilliCpu = Math.Max(left.AssumedMilliCpu, right.AssumedMilliCpu),
        AssumedMemoryBytes = Math.Max(left.AssumedMemoryBytes, right.AssumedMemoryBytes),
        VirtualMilliCpu = Math.Max(left.VirtualMilliCpu, right.VirtualMilliCpu),
        MachineMemoryBytes = Math.Max(left.MachineMemoryBytes, right.MachineMemoryBytes),
        Extended = left.Extended.Concat(right.Extended).GroupBy(amount => amount.Name, StringComparer.Ordinal)
            .Select(group => group.MaxBy(amount => amount.Amount)).OrderBy(amount => amount.Name, StringComparer.Ordinal).ToValueList(),
    };

    public static ResourceVector operator -(ResourceVector left, ResourceVector right) => left + -right;

    public static ResourceVector operator -(ResourceVector vector) => new()
    {
        MilliCpu = -vector.MilliCpu,
        MemoryBytes = -vector.MemoryBytes,
        EphemeralBytes = -vector.EphemeralBytes,
        Pods = -vector.Pods,
        AssumedMilliCpu = -vector.AssumedMilliCpu,
        AssumedMemoryBytes = -vector.AssumedMemoryBytes,
        VirtualMilliCpu = -vector.VirtualMilliCpu,
        MachineMemoryBytes = -vector.MachineMemoryBytes,
        Extended = vector.Extended.Select(amount => amount with { Amount = -amount.Amount }).ToValueList(),
    };

    /// <summary>The sum, or the nearest number that a long holds.</summary>
    internal static long Sum(long left, long right)
    {
        var sum = unchecked(left + right);
        return ((left ^ sum) & (right ^ sum)) >= 0 ? sum : left < 0 ? long.MinValue : long.MaxValue;
    }

    private static ValueList<ExtendedAmount> Merge(ValueList<ExtendedAmount> left, ValueList<ExtendedAmount> right)
    {
        if (left.Count == 0) return right;
        if (right.Count == 0) return left;
        var amounts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var amount in left) amounts[amount.Name] = amount.Amount;
        foreach (var amount in right) amounts[amount.Name] = Sum(amounts.GetValueOrDefault(amount.Name), amount.Amount);
        return amounts.Where(amount => amount.Value != 0).Select(amount => new ExtendedAmount(amount.Key, amount.Value)).ToValueList();
    }
}
