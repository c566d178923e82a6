namespace Orchestrator.Scheduler.Snapshot;

/// <summary>One resource on one host: what a workload would take of it, what there is, and what the workloads there take.</summary>
internal readonly record struct HostAmount(long Requested, long Allocatable, long Used)
{
    public long Free => ResourceVector.Sum(Allocatable, -Used);

    private long Left => ResourceVector.Sum(Free, -Requested);

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

    /// <summary>The most virtual CPU that a machine could request there instead, in thousandths: whole CPUs.</summary>
    public static long RoomForVirtualCpu(HostBlock block, int slot, in ResourceVector requests) => Room(
        new HostAmount(requests.MilliCpu, block.Allocatable.MilliCpu[slot], block.Used.MilliCpu[slot]).Left, block.Used.VirtualMilliCpu[slot],
        block.Overcommit[slot].CpuPercent) / 1000 * 1000;

    /// <summary>The most memory that a machine could request there instead.</summary>
    public static long RoomForMachineMemory(HostBlock block, int slot, in ResourceVector requests) => Room(
        new HostAmount(requests.MemoryBytes, block.Allocatable.MemoryBytes[slot], block.Used.MemoryBytes[slot]).Left, block.Used.MachineMemoryBytes[slot],
        block.Overcommit[slot].MemoryPercent);

    private static long Room(long forMachines, long givenOut, int percent)
    {
        var room = (Int128)Math.Max(0, forMachines) * percent / 100 - givenOut;
        return (long)Int128.Clamp(room, 0, long.MaxValue);
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
