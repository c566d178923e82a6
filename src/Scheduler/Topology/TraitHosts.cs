using System.Numerics;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Topology;

/// <summary>
/// The other way round: for every set of traits, the hosts that have workloads with it, and how many. Made once a plan, so that what is
/// counted for a class costs as much as there is to count, not as there are hosts.
/// </summary>
internal sealed class TraitHosts
{
    private readonly int[] _start;
    private readonly (int Slot, int Count)[] _hosts;

    private TraitHosts(int[] start, (int Slot, int Count)[] hosts) => (_start, _hosts) = (start, hosts);

    public ReadOnlySpan<(int Slot, int Count)> Of(int traits) => _hosts.AsSpan(_start[traits], _start[traits + 1] - _start[traits]);

    public static TraitHosts Of(HostBlock[] blocks, int traitCount)
    {
        var start = new int[traitCount + 1];
        foreach (var (_, traits) in Entries(blocks)) start[traits.Traits + 1]++;
        for (var id = 0; id < traitCount; id++) start[id + 1] += start[id];
        var next = start.AsSpan(0, traitCount).ToArray();
        var hosts = new (int, int)[start[traitCount]];
        foreach (var (slot, traits) in Entries(blocks)) hosts[next[traits.Traits]++] = (slot, traits.Count);
        return new TraitHosts(start, hosts);
    }

    private static IEnumerable<(int Slot, TraitCount Traits)> Entries(HostBlock[] blocks)
    {
        foreach (var block in blocks)
        {
            for (var rest = block.Present; rest != 0; rest &= rest - 1)
            {
                var slot = BitOperations.TrailingZeroCount(rest);
                foreach (var traits in block.Traits[slot]) yield return (block.First + slot, traits);
            }
        }
    }
}
