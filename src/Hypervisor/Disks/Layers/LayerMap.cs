using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Orchestrator.Hypervisor.Disks.Layers;

/// <summary>
/// What one layer knows of each cluster of its disk, in memory: four bytes a cluster, and only for stretches of 64 MiB of which it knows
/// anything. Remembers which pages of the file differ from it.
/// </summary>
internal sealed class LayerMap
{
    private readonly SortedSet<int> _changedLeaves = [];
    private uint[]?[] _leaves;
    private PagePointer[] _leafPointers;
    private PagePointer[] _indexPointers;

    public LayerMap(long diskBytes)
    {
        Clusters = (uint)(diskBytes / LayerFormat.ClusterBytes);
        var indexes = IndexesFor(diskBytes);
        _indexPointers = new PagePointer[indexes];
        _leafPointers = new PagePointer[indexes * LayerFormat.LeavesPerIndex];
        _leaves = new uint[]?[_leafPointers.Length];
    }

    public uint Clusters { get; private set; }

    public long DataClusters { get; private set; }

    public long ZeroClusters { get; private set; }

    public IReadOnlySet<int> ChangedLeaves => _changedLeaves;

    public IReadOnlyList<PagePointer> IndexPointers => _indexPointers;

    public static int IndexesFor(long diskBytes)
    {
        const long Span = (long)LayerFormat.LeavesPerIndex * LayerFormat.ClustersPerLeaf * LayerFormat.ClusterBytes;
        return (int)((diskBytes + Span - 1) / Span);
    }

    public Location Find(uint cluster)
    {
        var leaf = _leaves[cluster / LayerFormat.ClustersPerLeaf];
        return leaf is null ? Location.Absent : new Location(leaf[cluster % LayerFormat.ClustersPerLeaf]);
    }

    public void Set(uint cluster, Location location)
    {
        var leaf = (int)(cluster / LayerFormat.ClustersPerLeaf);
        var entries = _leaves[leaf] ??= new uint[LayerFormat.ClustersPerLeaf];
        ref var entry = ref entries[cluster % LayerFormat.ClustersPerLeaf];
        Count(new Location(entry), -1);
        Count(location, 1);
        entry = location.Value;
        _changedLeaves.Add(leaf);
    }

    public void Grow(long diskBytes)
    {
        Clusters = (uint)(diskBytes / LayerFormat.ClusterBytes);
        Array.Resize(ref _indexPointers, IndexesFor(diskBytes));
        Array.Resize(ref _leafPointers, _indexPointers.Length * LayerFormat.LeavesPerIndex);
        Array.Resize(ref _leaves, _leafPointers.Length);
    }

    public PagePointer LeafPointer(int leaf) => _leafPointers[leaf];

    public void SetLeafPointer(int leaf, PagePointer pointer) => _leafPointers[leaf] = pointer;

    public void SetIndexPointer(int index, PagePointer pointer) => _indexPointers[index] = pointer;

    /// <summary>The pages of the file are about to become what the map is.</summary>
    public int[] TakeChangedLeaves()
    {
        int[] changed = [.. _changedLeaves];
        _changedLeaves.Clear();
        return changed;
    }

    public void ChangeAgain(IEnumerable<int> leaves) => _changedLeaves.UnionWith(leaves);

    /// <summary>Null if the layer knows nothing of these clusters: no page is needed.</summary>
    public byte[]? EncodeLeaf(int leaf)
    {
        if (_leaves[leaf] is not { } entries || !entries.AsSpan().ContainsAnyExcept(0u))
        {
            return null;
        }

        var page = new byte[LayerFormat.PageBytes];
        for (var i = 0; i < entries.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(i * sizeof(uint)), entries[i]);
        }

        return page;
    }

    public void DecodeLeaf(int leaf, ReadOnlySpan<byte> page, PagePointer pointer)
    {
        var entries = MemoryMarshal.Cast<byte, uint>(page).ToArray();
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(entries, entries);
        }

        _leaves[leaf] = entries;
        _leafPointers[leaf] = pointer;
        foreach (var entry in entries)
        {
            Count(new Location(entry), 1);
        }
    }

    public byte[]? EncodeIndex(int index)
    {
        var pointers = _leafPointers.AsSpan(index * LayerFormat.LeavesPerIndex, LayerFormat.LeavesPerIndex);
        if (!pointers.ContainsAnyExcept(default(PagePointer)))
        {
            return null;
        }

        var page = new byte[LayerFormat.PageBytes];
        for (var i = 0; i < pointers.Length; i++)
        {
            pointers[i].Write(page.AsSpan(i * PagePointer.Bytes));
        }

        return page;
    }

    private void Count(Location location, int by)
    {
        if (location.IsData)
        {
            DataClusters += by;
        }
        else if (location == Location.Zeroes)
        {
            ZeroClusters += by;
        }
    }
}
