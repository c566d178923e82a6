namespace Orchestrator.Scheduler.Snapshot;

/// <summary>The resource amounts of a block's hosts, one array a resource, so that a rule runs over plain numbers.</summary>
internal sealed class ResourceColumns
{
    public readonly long[] MilliCpu;
    public readonly long[] MemoryBytes;
    public readonly long[] EphemeralBytes;
    public readonly long[] Pods;
    public readonly long[] AssumedMilliCpu;
    public readonly long[] AssumedMemoryBytes;
    public readonly long[] VirtualMilliCpu;
    public readonly long[] MachineMemoryBytes;
    public readonly ValueList<ExtendedAmount>[] Extended;

    public ResourceColumns()
    {
        MilliCpu = new long[HostBlock.Size];
        MemoryBytes = new long[HostBlock.Size];
        EphemeralBytes = new long[HostBlock.Size];
        Pods = new long[HostBlock.Size];
        AssumedMilliCpu = new long[HostBlock.Size];
        AssumedMemoryBytes = new long[HostBlock.Size];
        VirtualMilliCpu = new long[HostBlock.Size];
        MachineMemoryBytes = new long[HostBlock.Size];
        Extended = new ValueList<ExtendedAmount>[HostBlock.Size];
    }

    private ResourceColumns(ResourceColumns other)
    {
        MilliCpu = Copy(other.MilliCpu);
        MemoryBytes = Copy(other.MemoryBytes);
        EphemeralBytes = Copy(other.EphemeralBytes);
        Pods = Copy(other.Pods);
        AssumedMilliCpu = Copy(other.AssumedMilliCpu);
        AssumedMemoryBytes = Copy(other.AssumedMemoryBytes);
        VirtualMilliCpu = Copy(other.VirtualMilliCpu);
        MachineMemoryBytes = Copy(other.MachineMemoryBytes);
        Extended = Copy(other.Extended);
    }

    /// <summary>Extended resources are few: a list a host, read only for workloads that request one.</summary>
    public ResourceVector this[int slot]
    {
        get => new()
        {
            MilliCpu = MilliCpu[slot],
            MemoryBytes = MemoryBytes[slot],
            EphemeralBytes = EphemeralBytes[slot],
            Pods = Pods[slot],
            AssumedMilliCpu = AssumedMilliCpu[slot],
            AssumedMemoryBytes = AssumedMemoryBytes[slot],
            VirtualMilliCpu = VirtualMilliCpu[slot],
            MachineMemoryBytes = MachineMemoryBytes[slot],
            Extended = Extended[slot],
        };
        set
        {
            MilliCpu[slot] = value.MilliCpu;
            MemoryBytes[slot] = value.MemoryBytes;
            EphemeralBytes[slot] = value.EphemeralBytes;
            Pods[slot] = value.Pods;
            AssumedMilliCpu[slot] = value.AssumedMilliCpu;
            AssumedMemoryBytes[slot] = value.AssumedMemoryBytes;
            VirtualMilliCpu[slot] = value.VirtualMilliCpu;
            MachineMemoryBytes[slot] = value.MachineMemoryBytes;
            Extended[slot] = value.Extended;
        }
    }

    public ResourceColumns Copy() => new(this);

    private static T[] Copy<T>(T[] column) => (T[])column.Clone();
}
