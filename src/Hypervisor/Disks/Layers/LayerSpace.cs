namespace Orchestrator.Hypervisor.Disks.Layers;

/// <summary>A cluster of the file to be written. A fresh one was never written, so that it reads as zeroes.</summary>
internal readonly record struct FreeCluster(uint Number, bool IsFresh);

/// <summary>
/// Which clusters and map pages of a layer file are free. What a commit frees is given out again only after the commit after it: until
/// then one of the two superblocks still leads there. And not while a request that began before may still touch it.
/// </summary>
internal sealed class LayerSpace
{
    private readonly Stack<uint> _clusters = new();
    private readonly Stack<ulong> _pages = new();
    private readonly Queue<(ulong Generation, Freed Freed)> _waiting = new();
    private Freed _freed = new();

    /// <param name="generation">Of the superblock that leads to what is used; the other one may lead elsewhere.</param>
    public LayerSpace(UsedSpace used, ulong generation)
    {
        End = used.End;
        var free = new Freed();
        free.Clusters.AddRange(used.FreeClusters().Reverse());
        free.Pages.AddRange(used.FreePages());
        _waiting.Enqueue((generation, free));
    }

    /// <summary>Clusters of the file; all behind are fresh.</summary>
    public uint End { get; private set; }

    public FreeCluster TakeCluster() => _clusters.TryPop(out var cluster) ? new FreeCluster(cluster, false) : new FreeCluster(TakeEnd(), true);

    /// <summary>Nothing leads to it, and nothing will be done to it but by who takes it.</summary>
    public void ReturnCluster(uint cluster) => _clusters.Push(cluster);

    public ulong TakePage()
    {
        if (_pages.Count == 0)
        {
            var first = (ulong)TakeCluster().Number * LayerFormat.PagesPerCluster;
            for (var page = first + LayerFormat.PagesPerCluster; page > first; page--)
            {
                _pages.Push(page - 1);
            }
        }

        return _pages.Pop();
    }

    public void ReturnPage(ulong page) => _pages.Push(page);

    public void Free(uint cluster) => _freed.Clusters.Add(cluster);

    /// <summary>A commit begins: what was freed before is what it frees.</summary>
    public Freed TakeFreed()
    {
        var freed = _freed;
        _freed = new Freed();
        return freed;
    }

    /// <summary>The commit came to nothing.</summary>
    public void FreeAgain(Freed freed)
    {
        _freed.Clusters.AddRange(freed.Clusters);
        _freed.Pages.AddRange(freed.Pages);
    }

    /// <summary>
    /// The commit of this generation is durable, and with it what it freed. The clusters that nothing leads to any more: freed by an
    /// earlier commit, and older than every request that still runs. They are free after <see cref="ReturnCluster"/>.
    /// </summary>
    public IReadOnlyList<uint> Committed(ulong generation, Freed freed, ulong oldestRunning)
    {
        List<uint> usable = [];
        while (_waiting.TryPeek(out var next) && next.Generation < oldestRunning)
        {
            _waiting.Dequeue();
            next.Freed.Pages.ForEach(_pages.Push);
            usable.AddRange(next.Freed.Clusters);
        }

        _waiting.Enqueue((generation, freed));
        return usable;
    }

    private uint TakeEnd()
    {
        if (End == int.MaxValue)
        {
            throw new IOException("the layer file has as many clusters as there can be");
        }

        return End++;
    }

    internal sealed class Freed
    {
        public List<uint> Clusters { get; } = [];

        public List<ulong> Pages { get; } = [];
    }
}
