namespace Orchestrator.Hypervisor.Disks.Layers;

/// <summary>Reads a layer's map from its superblock down and believes nothing: every page, every place and every count is checked.</summary>
internal sealed class LayerReading(IDiskFile file, Superblock superblock)
{
    private readonly LayerMap _map = new(superblock.DiskBytes);
    private UsedSpace _used = new(0);
    private readonly byte[] _page = new byte[LayerFormat.PageBytes];

    /// <exception cref="DamagedDiskException">Something is not what it must be.</exception>
    public (LayerMap Map, UsedSpace Used) Read()
    {
        var needed = (long)superblock.FileClusters * LayerFormat.ClusterBytes;
        Require(file.Length >= needed, $"it is cut off: {file.Length} bytes instead of {needed}");
        _used = new UsedSpace(superblock.FileClusters);
        for (var index = 0; index < superblock.Indexes.Count; index++)
        {
            ReadIndex(index, superblock.Indexes[index]);
        }

        Require(
            _map.DataClusters == superblock.DataClusters && _map.ZeroClusters == superblock.ZeroClusters,
            $"its map leads to {_map.DataClusters} clusters and {_map.ZeroClusters} of zeroes, "
            + $"its superblock to {superblock.DataClusters} and {superblock.ZeroClusters}");
        return (_map, _used);
    }

    private void ReadIndex(int index, PagePointer pointer)
    {
        if (pointer.IsNone)
        {
            return;
        }

        ReadPage($"index page {index}", pointer);
        _map.SetIndexPointer(index, pointer);
        var leaves = new PagePointer[LayerFormat.LeavesPerIndex];
        for (var i = 0; i < leaves.Length; i++)
        {
            leaves[i] = PagePointer.Read(_page.AsSpan(i * PagePointer.Bytes));
        }

        for (var i = 0; i < leaves.Length; i++)
        {
            ReadLeaf(index * LayerFormat.LeavesPerIndex + i, leaves[i]);
        }
    }

    private void ReadLeaf(int leaf, PagePointer pointer)
    {
        if (pointer.IsNone)
        {
            return;
        }

        ReadPage($"map page {leaf}", pointer);
        _map.DecodeLeaf(leaf, _page, pointer);
        for (var i = 0; i < LayerFormat.ClustersPerLeaf; i++)
        {
            var cluster = (uint)(leaf * LayerFormat.ClustersPerLeaf + i);
            var location = _map.Find(cluster);
            Require(location == Location.Absent || cluster < _map.Clusters, $"map page {leaf} speaks of cluster {cluster}, behind the disk's end");
            Require(
                !location.IsData || _used.TryAddCluster(location.Cluster),
                $"map page {leaf} leads cluster {cluster} to {location.Cluster}, which is outside the file or used already");
        }
    }

    private void ReadPage(string what, PagePointer pointer)
    {
        Require(_used.TryAddPage(pointer.Page), $"{what} is said to be at page {pointer.Page}, which is outside the file or used already");
        file.Read((long)pointer.Page * LayerFormat.PageBytes, _page);
        Require(
            LayerFormat.Checksum(_page, superblock.LayerId, pointer.Page) == pointer.Checksum,
            $"the checksum of {what} (at page {pointer.Page}) is wrong");
    }

    private void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new DamagedDiskException(file.Name, otherwise);
        }
    }
}
