using System.Numerics;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>
/// Of every resource that the workload requests, the host has that much free; and it takes one workload more. A resource
/// that is not requested never counts, even on a host that has given out more than it has. What machines take of a host's CPU and
/// memory, its overcommit ratios say.
/// </summary>
internal sealed class Resources : FeasibilityRule
{
    /// <summary>The resources with a column each, in the order of their numbers; extended ones follow as the workload lists them.</summary>
    private static readonly string[] Named = [ResourceNames.Cpu, ResourceNames.Memory, ResourceNames.EphemeralStorage, ResourceNames.Pods];

    public override string Name => nameof(Resources);

    public override ClusterEvents HelpedBy => ClusterEvents.WorkloadGone | ClusterEvents.HostChanged;

    public override bool FollowsUse => true;

    public override ulong Removes(HostBlock block, CompiledWorkload workload, ulong among)
    {
        var requests = workload.Demand.Requests;
        var (has, used) = (block.Allocatable, block.Used);
        var removed = 0UL;
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            if (Lacking(HostAmount.Cpu(block, slot, requests))
                || Lacking(HostAmount.Memory(block, slot, requests))
                || Lacking(new HostAmount(requests.EphemeralBytes, has.EphemeralBytes[slot], used.EphemeralBytes[slot]))
                || Lacking(new HostAmount(requests.Pods, has.Pods[slot], used.Pods[slot]))
                || LackingExtended(requests.Extended, has.Extended[slot], used.Extended[slot]))
                removed |= 1UL << slot;
        }

        return removed;
    }

    /// <summary>The number of each resource that is short, and what is free of it.</summary>
    public override void AddReasons(HostBlock block, int slot, CompiledWorkload workload, ICollection<Reason> reasons)
    {
        for (var resource = 0; resource < Count(workload); resource++)
        {
            var amount = Amount(block, slot, workload, resource);
            if (Lacking(amount)) reasons.Add(new Reason(resource, amount.Free));
        }
    }

    public override Lack Describe(HostBlock block, int slot, CompiledWorkload workload, long reason)
    {
        var resource = (int)reason;
        var amount = Amount(block, slot, workload, resource);
        var name = resource < Named.Length ? Named[resource] : workload.Demand.Requests.Extended[resource - Named.Length].Name;
        var shortage = new Shortage(name, amount.Requested, amount.Free, amount.Allocatable) { Room = Room(block, slot, workload, resource, amount) };
        return new Lack(Name, name == ResourceNames.Pods ? "full" : $"insufficient {name}", "", shortage) { Remedy = shortage.Remedy };
    }

    /// <summary>How much of the scarcest requested resource there is room for, from 0 (none) to 1 (all).</summary>
    public static double RoomFor(HostBlock block, int slot, CompiledWorkload workload)
    {
        var room = 1.0;
        for (var resource = 0; resource < Count(workload); resource++)
        {
            var amount = Amount(block, slot, workload, resource);
            if (amount.Requested > 0) room = Math.Min(room, Math.Max(0, amount.Free) / (double)amount.Requested);
        }

        return room;
    }

    private static long Room(HostBlock block, int slot, CompiledWorkload workload, int resource, HostAmount amount)
    {
        var requests = workload.Demand.Requests;
        return resource switch
        {
            0 when requests.VirtualMilliCpu > 0 => HostAmount.RoomForVirtualCpu(block, slot, requests),
            1 when requests.MachineMemoryBytes > 0 => HostAmount.RoomForMachineMemory(block, slot, requests),
            _ => Math.Max(0, amount.Free),
        };
    }

    private static int Count(CompiledWorkload workload) => Named.Length + workload.Demand.Requests.Extended.Count;

    private static HostAmount Amount(HostBlock block, int slot, CompiledWorkload workload, int resource)
    {
        var (requests, has, used) = (workload.Demand.Requests, block.Allocatable, block.Used);
        if (resource >= Named.Length)
        {
            var (name, amount) = requests.Extended[resource - Named.Length];
            return new HostAmount(amount, AmountOf(has.Extended[slot], name), AmountOf(used.Extended[slot], name));
        }

        return resource switch
        {
            0 => HostAmount.Cpu(block, slot, requests),
            1 => HostAmount.Memory(block, slot, requests),
            2 => new HostAmount(requests.EphemeralBytes, has.EphemeralBytes[slot], used.EphemeralBytes[slot]),
            _ => new HostAmount(requests.Pods, has.Pods[slot], used.Pods[slot]),
        };
    }

    private static bool Lacking(HostAmount amount) => amount.Requested > 0 && amount.Requested > amount.Free;

    private static bool LackingExtended(
        ValueList<ExtendedAmount> requested, ValueList<ExtendedAmount> allocatable, ValueList<ExtendedAmount> used)
    {
        foreach (var (name, amount) in requested)
            if (Lacking(new HostAmount(amount, AmountOf(allocatable, name), AmountOf(used, name)))) return true;
        return false;
    }

    private static long AmountOf(ValueList<ExtendedAmount> amounts, string name) =>
        new ResourceVector { Extended = amounts }.ExtendedAmount(name);
}
