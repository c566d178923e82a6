namespace Orchestrator.Scheduler.Snapshot;

/// <summary>The interned facts of one host.</summary>
internal sealed record HostSymbols(int[] Labels, int[] Taints, int[] RuntimeClasses, int[] Images, TraitCount[] Traits)
{
    /// <summary>True if but for the workloads everything is the same.</summary>
    public bool SameAs(HostSymbols other) => SameLabels(other)
        && Taints.AsSpan().SequenceEqual(other.Taints)
        && RuntimeClasses.AsSpan().SequenceEqual(other.RuntimeClasses)
        && Images.AsSpan().SequenceEqual(other.Images);

    public bool SameLabels(HostSymbols other) => Labels.AsSpan().SequenceEqual(other.Labels);
}

/// <summary>
/// Up to 64 hosts, a fixed slot each: numbers in columns, facts as sets of hosts, one bit a slot. A snapshot is a list of
/// blocks; changing a host copies its block and shares all others. Blocks of a snapshot never change; a plan in the
/// making writes to the <see cref="Used"/> and <see cref="Traits"/> of copies that only it knows.
/// </summary>
internal sealed class HostBlock
{
    public const int Size = 64;

    private readonly HostView?[] _hosts;
    private readonly HostSymbols?[] _symbols;

    private HostBlock(
        int first, HostView?[] hosts, HostSymbols?[] symbols, ResourceColumns allocatable, ResourceColumns used, HostBlock? sameSymbols)
    {
        First = first;
        _hosts = hosts;
        _symbols = symbols;
        Allocatable = allocatable;
        Used = used;
        Traits = Array.ConvertAll(symbols, host => host?.Traits ?? []);
        Overcommit = Array.ConvertAll(hosts, host => host?.Overcommit ?? default);
        for (var slot = 0; slot < Size; slot++)
        {
            if (hosts[slot] is not { } host) continue;
            Present |= 1UL << slot;
            if (host.Ready) Ready |= 1UL << slot;
            if (host.Unschedulable) Unschedulable |= 1UL << slot;
        }

        Labels = sameSymbols?.Labels ?? SymbolIndex.Of(Array.ConvertAll(symbols, host => host?.Labels));
        Taints = sameSymbols?.Taints ?? SymbolIndex.Of(Array.ConvertAll(symbols, host => host?.Taints));
        RuntimeClasses = sameSymbols?.RuntimeClasses ?? SymbolIndex.Of(Array.ConvertAll(symbols, host => host?.RuntimeClasses));
        Images = sameSymbols?.Images ?? SymbolIndex.Of(Array.ConvertAll(symbols, host => host?.Images));
    }

    private HostBlock(HostBlock other)
    {
        (First, _hosts, _symbols, Allocatable) = (other.First, other._hosts, other._symbols, other.Allocatable);
        (Present, Ready, Unschedulable) = (other.Present, other.Ready, other.Unschedulable);
        Overcommit = other.Overcommit;
        (Labels, Taints, RuntimeClasses, Images) = (other.Labels, other.Taints, other.RuntimeClasses, other.Images);
        Used = other.Used.Copy();
        Traits = (TraitCount[][])other.Traits.Clone();
    }

    /// <summary>The number of the block's first slot among those of the whole snapshot.</summary>
    public int First { get; }

    public ulong Present { get; }
    public ulong Ready { get; }
    public ulong Unschedulable { get; }

    public SymbolIndex Labels { get; }
    public SymbolIndex Taints { get; }
    public SymbolIndex RuntimeClasses { get; }
    public SymbolIndex Images { get; }
    public ResourceColumns Allocatable { get; }
    public Overcommit[] Overcommit { get; }

    /// <summary>What is taken on each host; ahead of <see cref="HostView.Used"/> while a plan is made.</summary>
    public ResourceColumns Used { get; }

    /// <summary>What traits the workloads on each host have; ahead of <see cref="HostView.Residents"/> while a plan is made.</summary>
    public TraitCount[][] Traits { get; }

    /// <summary>The host of an occupied slot.</summary>
    public HostView Host(int slot) => _hosts[slot]!;

    /// <summary>The taints of an occupied slot's host, in the order in which the host lists them.</summary>
    public ReadOnlySpan<int> TaintIds(int slot) => _symbols[slot]!.Taints;

    public string Name(int slot) => _hosts[slot]!.Name.Value;

    public static HostBlock Of(int first, ReadOnlySpan<(HostView Host, HostSymbols Symbols)> hosts)
    {
        var views = new HostView?[Size];
        var symbols = new HostSymbols?[Size];
        var (allocatable, used) = (new ResourceColumns(), new ResourceColumns());
        for (var slot = 0; slot < hosts.Length; slot++)
        {
            (views[slot], symbols[slot]) = hosts[slot];
            allocatable[slot] = hosts[slot].Host.Allocatable;
            used[slot] = hosts[slot].Host.Used;
        }

        return new HostBlock(first, views, symbols, allocatable, used, null);
    }

    /// <summary>The block with another host, or none, in the slot.</summary>
    public HostBlock With(int slot, HostView? host, HostSymbols? symbols)
    {
        var unchanged = symbols is not null && _symbols[slot] is { } old && symbols.SameAs(old);
        return new HostBlock(
            First,
            Replaced(_hosts, slot, host),
            Replaced(_symbols, slot, symbols),
            Replaced(Allocatable, slot, host?.Allocatable ?? default),
            Replaced(Used, slot, host?.Used ?? default),
            unchanged ? this : null);
    }

    /// <summary>True if the host's name and labels are those of the slot's host.</summary>
    public bool SamePlace(int slot, HostView? host, HostSymbols? symbols) =>
        host is not null && _hosts[slot]?.Name == host.Name && symbols!.SameLabels(_symbols[slot]!);

    /// <summary>A copy whose <see cref="Used"/> and <see cref="Traits"/> its maker may write.</summary>
    public HostBlock CopyForPlanning() => new(this);

    private static T[] Replaced<T>(T[] items, int slot, T item)
    {
        var copy = (T[])items.Clone();
        copy[slot] = item;
        return copy;
    }

    private static ResourceColumns Replaced(ResourceColumns columns, int slot, ResourceVector amounts)
    {
        if (columns[slot] == amounts) return columns;
        var copy = columns.Copy();
        copy[slot] = amounts;
        return copy;
    }
}
