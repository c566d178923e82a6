using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Topology;

/// <summary>
/// The hosts in groups that no rule about places can tell apart: the hosts of a group have the same place in each of some
/// topologies. A rule about places is asked once a group, and the best host of a group by all other rules is the only one that
/// matters. Within a group hosts stand in the order of their names.
/// </summary>
internal sealed class HostGroups
{
    private HostGroups(HostTopology[] topologies, int[] groupOf, int[] slots, int[] start, int[] positionOf)
    {
        Topologies = topologies;
        GroupOf = groupOf;
        Slots = slots;
        Start = start;
        PositionOf = positionOf;
        Domains = Array.ConvertAll(topologies, topology =>
        {
            var domains = new int[Count];
            for (var group = 0; group < domains.Length; group++) domains[group] = topology.DomainOf[slots[start[group]]];
            return domains;
        });
    }

    public HostTopology[] Topologies { get; }

    public int Count => Start.Length - 1;

    /// <summary>By slot, its group; -1 for a slot without a host.</summary>
    public int[] GroupOf { get; }

    /// <summary>By position, the slot: group after group.</summary>
    public int[] Slots { get; }

    /// <summary>By group, its first position; one more entry tells where the last group ends.</summary>
    public int[] Start { get; }

    /// <summary>By slot, its position.</summary>
    public int[] PositionOf { get; }

    /// <summary>By topology and group, the place.</summary>
    public int[][] Domains { get; }

    public static HostGroups Of(HostTopology[] topologies, HostNames names, int slotCount)
    {
        var groupOf = new int[slotCount];
        Array.Fill(groupOf, -1);
        foreach (var slot in names.Slots) groupOf[slot] = 0;
        var count = names.Slots.Length == 0 ? 0 : 1;
        foreach (var topology in topologies) count = Refine(groupOf, topology.DomainOf, names.Slots);

        var start = new int[count + 1];
        foreach (var slot in names.Slots) start[groupOf[slot] + 1]++;
        for (var group = 0; group < count; group++) start[group + 1] += start[group];
        var next = start.AsSpan(0, count).ToArray();
        var (slots, positionOf) = (new int[names.Slots.Length], new int[slotCount]);
        foreach (var slot in names.Slots)
        {
            positionOf[slot] = next[groupOf[slot]]++;
            slots[positionOf[slot]] = slot;
        }

        return new HostGroups(topologies, groupOf, slots, start, positionOf);
    }

    private static int Refine(int[] groupOf, int[] domainOf, int[] slots)
    {
        var groups = new Dictionary<(int, int), int>();
        foreach (var slot in slots)
        {
            var key = (groupOf[slot], domainOf[slot]);
            if (!groups.TryGetValue(key, out var group)) groups.Add(key, group = groups.Count);
            groupOf[slot] = group;
        }

        return groups.Count;
    }
}
