using System.Collections;

namespace Orchestrator.Hypervisor.Disks.Layers;

/// <summary>What the map of a layer leads to, gathered while it is read. Two leads to one place are damage.</summary>
internal sealed class UsedSpace
{
    private readonly BitArray _data;
    private readonly Dictionary<uint, ushort> _pages = [];

    public UsedSpace(uint end)
    {
        End = end;
        _data = new BitArray((int)end);
    }

    /// <summary>Clusters of the file.</summary>
    public uint End { get; private set; }

    /// <summary>The file is so long at least.</summary>
    public void Extend(uint end)
    {
        if (end > End && end < int.MaxValue)
        {
            End = end;
            _data.Length = (int)end;
        }
    }

    /// <summary>Whether nothing led there before, and a cluster of the file is there.</summary>
    public bool TryAddCluster(uint cluster)
    {
        if (cluster == 0 || cluster >= _data.Length || _data[(int)cluster] || _pages.ContainsKey(cluster))
        {
            return false;
        }

        _data[(int)cluster] = true;
        return true;
    }

    public bool TryAddPage(ulong page)
    {
        var (cluster, bit) = (page / LayerFormat.PagesPerCluster, (ushort)(1 << (int)(page % LayerFormat.PagesPerCluster)));
        if (cluster == 0 || cluster >= (ulong)_data.Length || _data[(int)cluster])
        {
            return false;
        }

        var pages = _pages.GetValueOrDefault((uint)cluster);
        _pages[(uint)cluster] = (ushort)(pages | bit);
        return (pages & bit) == 0;
    }

    public IEnumerable<uint> FreeClusters()
    {
        for (var cluster = 1u; cluster < _data.Length; cluster++)
        {
            if (!_data[(int)cluster] && !_pages.ContainsKey(cluster))
            {
                yield return cluster;
            }
        }
    }

    public IEnumerable<ulong> FreePages() =>
        from entry in _pages
        from page in Enumerable.Range(0, LayerFormat.PagesPerCluster)
        where (entry.Value & (1 << page)) == 0
        select (ulong)entry.Key * LayerFormat.PagesPerCluster + (ulong)page;
}
