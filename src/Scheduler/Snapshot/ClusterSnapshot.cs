using System.Collections.Immutable;
using Orchestrator.Contracts.Ids;
using Orchestrator.Scheduler.Snapshot;
using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler;

/// <summary>
/// All hosts at one moment. Immutable: changing one host gives a new snapshot that shares everything else, at a cost that
/// hardly depends on the number of hosts. A snapshot made by changes plans exactly as one made at once.
/// </summary>
public sealed class ClusterSnapshot
{
    /// <summary>Changes of labels, taints or membership before the tables of symbols are made anew: they must not grow for ever.</summary>
    private const int ChangesBeforeRebuild = 4096;

    public static readonly ClusterSnapshot Empty = Of([]);

    private readonly Symbols _symbols;
    private readonly ImmutableDictionary<HostName, int> _slots;
    private readonly ImmutableStack<int> _free;
    private readonly int _changes;

    private ClusterSnapshot(
        HostBlock[] blocks, Symbols symbols, ImmutableDictionary<HostName, int> slots, ImmutableStack<int> free, int changes,
        HostLayout layout, NamespaceLabels namespaces, DisruptionBudgets budgets)
    {
        Blocks = blocks;
        Layout = layout;
        Namespaces = namespaces;
        Budgets = budgets;
        _symbols = symbols;
        _slots = slots;
        _free = free;
        _changes = changes;
    }

    public int Count => _slots.Count;

    public IEnumerable<HostView> Hosts => _slots.Values.Select(HostAt);

    /// <summary>The labels of the namespaces.</summary>
    public NamespaceLabels Namespaces { get; }

    /// <summary>What the disruption budgets allow.</summary>
    public DisruptionBudgets Budgets { get; }

    internal HostBlock[] Blocks { get; }

    internal HostLayout Layout { get; }

    internal Symbols Symbols => _symbols;

    /// <summary>The host of that name; null if it is not in the snapshot.</summary>
    public HostView? Find(HostName name) => _slots.TryGetValue(name, out var slot) ? HostAt(slot) : null;

    /// <summary>The snapshot with these labels of namespaces.</summary>
    public ClusterSnapshot With(NamespaceLabels namespaces) => new(Blocks, _symbols, _slots, _free, _changes, Layout, namespaces, Budgets);

    /// <summary>The snapshot with these disruption budgets.</summary>
    public ClusterSnapshot With(DisruptionBudgets budgets) => new(Blocks, _symbols, _slots, _free, _changes, Layout, Namespaces, budgets);

    internal int SlotOf(HostName name) => _slots.TryGetValue(name, out var slot) ? slot : -1;

    /// <summary>A snapshot of these hosts; of two with one name, the later counts.</summary>
    public static ClusterSnapshot Of(IEnumerable<HostView> hosts)
    {
        var symbols = Symbols.Empty;
        var slots = ImmutableDictionary.CreateBuilder<HostName, int>();
        var entries = new List<(HostView, HostSymbols)>();
        foreach (var host in hosts)
        {
            (symbols, var own) = symbols.Intern(host);
            if (slots.TryGetValue(host.Name, out var slot))
            {
                entries[slot] = (host, own);
                continue;
            }

            slots.Add(host.Name, entries.Count);
            entries.Add((host, own));
        }

        var blocks = entries.Chunk(HostBlock.Size).Select((chunk, at) => HostBlock.Of(at * HostBlock.Size, chunk)).ToArray();
        return new ClusterSnapshot(blocks, symbols, slots.ToImmutable(), FreeAfter(entries.Count), 0, new HostLayout(), NamespaceLabels.None, DisruptionBudgets.None);
    }

    /// <summary>The snapshot with this host, in place of the one of its name if there is one.</summary>
    public ClusterSnapshot With(HostView host)
    {
        var (symbols, own) = _symbols.Intern(host);
        var changes = ReferenceEquals(symbols, _symbols) ? _changes : _changes + 1;
        if (_slots.TryGetValue(host.Name, out var slot)) return Placed(slot, host, own, symbols, _slots, _free, changes);

        if (_free.IsEmpty)
        {
            var grown = new HostBlock[Blocks.Length + 1];
            Blocks.CopyTo(grown, 0);
            var first = Blocks.Length * HostBlock.Size;
            grown[^1] = HostBlock.Of(first, [(host, own)]);
            return new ClusterSnapshot(grown, symbols, _slots.Add(host.Name, first), FreeAfter(first + 1), changes, new HostLayout(), Namespaces, Budgets);
        }

        slot = _free.Peek();
        return Placed(slot, host, own, symbols, _slots.Add(host.Name, slot), _free.Pop(), changes);
    }

    /// <summary>The snapshot without the host of that name.</summary>
    public ClusterSnapshot Without(HostName name)
    {
        if (!_slots.TryGetValue(name, out var slot)) return this;
        return Placed(slot, null, null, _symbols, _slots.Remove(name), _free.Push(slot), _changes + 1);
    }

    private ClusterSnapshot Placed(
        int slot, HostView? host, HostSymbols? own, Symbols symbols,
        ImmutableDictionary<HostName, int> slots, ImmutableStack<int> free, int changes)
    {
        var blocks = (HostBlock[])Blocks.Clone();
        var before = blocks[slot / HostBlock.Size];
        blocks[slot / HostBlock.Size] = before.With(slot % HostBlock.Size, host, own);
        var layout = before.SamePlace(slot % HostBlock.Size, host, own) ? Layout : new HostLayout();
        var snapshot = new ClusterSnapshot(blocks, symbols, slots, free, changes, layout, Namespaces, Budgets);
        return changes > ChangesBeforeRebuild + slots.Count ? Of(snapshot.Hosts).With(Namespaces).With(Budgets) : snapshot;
    }

    private HostView HostAt(int slot) => Blocks[slot / HostBlock.Size].Host(slot % HostBlock.Size);

    /// <summary>The slots from <paramref name="count"/> to the end of its block.</summary>
    private static ImmutableStack<int> FreeAfter(int count)
    {
        var free = ImmutableStack<int>.Empty;
        var end = (count + HostBlock.Size - 1) / HostBlock.Size * HostBlock.Size;
        for (var slot = end - 1; slot >= count; slot--) free = free.Push(slot);
        return free;
    }
}
