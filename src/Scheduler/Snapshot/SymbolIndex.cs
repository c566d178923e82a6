namespace Orchestrator.Scheduler.Snapshot;

/// <summary>For every symbol that occurs in a block, the set of its hosts as bits. Sorted by symbol id.</summary>
internal sealed class SymbolIndex
{
    private readonly int[] _ids;
    private readonly ulong[] _hosts;

    private SymbolIndex(int[] ids, ulong[] hosts)
    {
        _ids = ids;
        _hosts = hosts;
    }

    public ReadOnlySpan<int> Ids => _ids;

    public ReadOnlySpan<ulong> Hosts => _hosts;

    /// <summary>The hosts that have the symbol.</summary>
    public ulong this[int id] => Array.BinarySearch(_ids, id) is >= 0 and var at ? _hosts[at] : 0;

    /// <param name="idsOf">The symbol ids of each host of the block; null where there is no host.</param>
    public static SymbolIndex Of(ReadOnlySpan<int[]?> idsOf)
    {
        var hosts = new SortedDictionary<int, ulong>();
        for (var slot = 0; slot < idsOf.Length; slot++)
            foreach (var id in idsOf[slot] ?? [])
                hosts[id] = hosts.GetValueOrDefault(id) | 1UL << slot;
        return new SymbolIndex([.. hosts.Keys], [.. hosts.Values]);
    }
}
