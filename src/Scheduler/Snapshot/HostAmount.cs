namespace Orchestrator.Scheduler.Snapshot;

/// <summary>One resource on one host: what a workload would take of it, what there is, and what the workloads there take.</summary>
internal readonly record struct HostAmount(long Requested, long Allocatable, long Used)
{
    public long Free => Allocatable - Used;

    public static HostAmount Cpu(HostBlock block, int slot, in ResourceVector requests)
    {
        var used = block.Used;
        if ((used.VirtualMilliCpu[slot] | requests.VirtualMilliCpu) == 0)
            return new HostAmount(requests.MilliCpu, block.Allocatable.MilliCpu[slot], used.MilliCpu[slot]);
        return Shared(
            requests.MilliCpu, requests.VirtualMilliCpu, block.Allocatable.MilliCpu[slot], used.MilliCpu[slot], used.VirtualMilliCpu[slot],
            block.Overcommit[slot].CpuPercent);
    }

    public static HostAmount Memory(HostBlock block, int slot, in ResourceVector requests)
    {
        var used = block.Used;
        if ((used.MachineMemoryBytes[slot] | requests.MachineMemoryBytes) == 0)
            return new HostAmount(requests.MemoryBytes, block.Allocatable.MemoryBytes[slot], used.MemoryBytes[slot]);
        return Shared(
            requests.MemoryBytes, requests.MachineMemoryBytes, block.Allocatable.MemoryBytes[slot], used.MemoryBytes[slot],
            used.MachineMemoryBytes[slot], block.Overcommit[slot].MemoryPercent);
    }

    /// <summary>
    /// What machines take is rounded up once for all of them, so the request is the difference that the workload makes.
    /// </summary>
    private static HostAmount Shared(long requested, long requestedByMachine, long allocatable, long used, long givenOut, int percent)
    {
        var before = Overcommit.Taken(givenOut, percent);
        var more = Overcommit.Taken(ResourceVector.Sum(givenOut, requestedByMachine), percent) - before;
        return new HostAmount(ResourceVector.Sum(requested, more), allocatable, ResourceVector.Sum(used, before));
    }
}
