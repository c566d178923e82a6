using System.Numerics;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Topology;

/// <summary>The hosts in the order of their names, by which equal ones are told apart.</summary>
internal sealed class HostNames
{
    private HostNames(int[] slots, int slotCount)
    {
        Slots = slots;
        RankOf = new int[slotCount];
        for (var rank = 0; rank < slots.Length; rank++) RankOf[slots[rank]] = rank;
    }

    /// <summary>The occupied slots, the first name first.</summary>
    public int[] Slots { get; }

    /// <summary>By slot, its place in that order.</summary>
    public int[] RankOf { get; }

    public static HostNames Of(HostBlock[] blocks)
    {
        var (names, slots) = (new List<string>(), new List<int>());
        foreach (var block in blocks)
        {
            for (var rest = block.Present; rest != 0; rest &= rest - 1)
            {
                var slot = BitOperations.TrailingZeroCount(rest);
                names.Add(block.Name(slot));
                slots.Add(block.First + slot);
            }
        }

        var (keys, items) = (names.ToArray(), slots.ToArray());
        Array.Sort(keys, items, StringComparer.Ordinal);
        return new HostNames(items, blocks.Length * HostBlock.Size);
    }
}
