using System.Collections.Immutable;

namespace Orchestrator.Scheduler.Snapshot;

/// <summary>Small numbers in place of labels, taints and the like: 0, 1, 2 … in the order of their first appearance.</summary>
internal sealed class SymbolTable<T>
    where T : notnull
{
    public static readonly SymbolTable<T> Empty = new(ImmutableDictionary<T, int>.Empty, []);

    /// <summary>What <see cref="Find"/> says of a symbol that no host has.</summary>
    public const int Unknown = -1;

    private readonly ImmutableDictionary<T, int> _ids;
    private readonly ImmutableList<T> _list;
    private T[]? _symbols;

    private SymbolTable(ImmutableDictionary<T, int> ids, ImmutableList<T> list)
    {
        _ids = ids;
        _list = list;
    }

    /// <summary>The symbols by their numbers; made once, when first asked for.</summary>
    public T[] Symbols => _symbols ??= [.. _list];

    public int Count => _list.Count;

    public int Find(T symbol) => _ids.TryGetValue(symbol, out var id) ? id : Unknown;

    /// <summary>The symbol's number, and the table that knows it.</summary>
    public (SymbolTable<T> Table, int Id) Intern(T symbol) => _ids.TryGetValue(symbol, out var id)
        ? (this, id)
        : (new SymbolTable<T>(_ids.Add(symbol, _list.Count), _list.Add(symbol)), _list.Count);

    /// <summary>The ids of the symbols, in their order and without repetition, and the table that knows them all.</summary>
    public (SymbolTable<T> Table, int[] Ids) Intern(IEnumerable<T> symbols)
    {
        var table = this;
        var ids = new List<int>();
        foreach (var symbol in symbols)
        {
            (table, var id) = table.Intern(symbol);
            if (!ids.Contains(id)) ids.Add(id);
        }

        return (table, [.. ids]);
    }
}
