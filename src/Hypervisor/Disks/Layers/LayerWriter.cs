namespace Orchestrator.Hypervisor.Disks.Layers;

/// <summary>
/// The one owner of a layer that is written: says where data goes and what must be written before it counts, and does no I/O itself but
/// to set the file's length. So the same logic serves a synchronous caller and a ring of asynchronous ones. One thread at a time.
/// <code>
/// write:   MapWrite ─► the data (and the rest of a new cluster) ─► Publish
/// flush:   BeginCommit ─► the steps of the LayerCommit ─► EndCommit
/// </code>
/// A published cluster is read from the layer at once, and is durable after the next commit; before that a crash takes the disk back to
/// what it was there.
/// </summary>
internal sealed class LayerWriter
{
    private const long ReserveClusters = 1024;

    private readonly Layer _layer;
    private readonly LayerMap _map;
    private readonly LayerSpace _space;
    private readonly CommitPages _pages;
    private readonly LiveMap? _live;
    private readonly RunningRequests _running = new();
    private readonly HashSet<uint> _filling = [];
    private long _fileBytes;
    private LayerCommit? _commit;
    private bool _headChanged;
    private bool _isFrozen;
    private string? _failure;

    /// <param name="live">Keeps what is not durable yet over the end of this process; none for a disk without a guest.</param>
    /// <exception cref="InvalidOperationException">The layer is frozen.</exception>
    public LayerWriter(Layer layer, LiveMap? live = null)
    {
        if (layer.Superblock.IsFrozen)
        {
            throw new InvalidOperationException($"{layer.File.Name} is a snapshot and is never written to");
        }

        _layer = layer;
        _map = layer.Map;
        _live = live;
        var differences = live?.Differences(layer) ?? [];
        Claim(differences);
        _space = new LayerSpace(layer.Used, layer.Superblock.Generation);
        _pages = new CommitPages(_map, _space, layer.Superblock.LayerId);
        foreach (var (cluster, location) in differences)
        {
            Replace(cluster, location);
        }

        live?.Take(layer);

        // What lies behind is nobody's, and must not show through where a fresh cluster is written in part.
        _fileBytes = (long)_space.End * LayerFormat.ClusterBytes;
        if (layer.File.Length > _fileBytes)
        {
            layer.File.SetLength(_fileBytes);
        }
    }

    /// <summary>The generation that the next commit makes.</summary>
    public ulong NextGeneration => (_commit?.Superblock ?? _layer.Superblock).Generation + 1;

    /// <summary>Begins a request that will touch the file; the result goes to <see cref="EndRequest"/>.</summary>
    public ulong BeginRequest()
    {
        Check();
        _running.Begin(NextGeneration);
        return NextGeneration;
    }

    public void EndRequest(ulong request) => _running.End(request);

    /// <summary>The first step of a write: the part of it that is in one cluster.</summary>
    public WriteStep MapWrite(long offset, long length)
    {
        Check();
        var within = (int)Math.Min(length, LayerFormat.ClusterBytes - offset % LayerFormat.ClusterBytes);
        var cluster = (uint)(offset / LayerFormat.ClusterBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(cluster, _map.Clusters, nameof(offset));
        if (_filling.Contains(cluster))
        {
            return new WriteStep(WriteKind.Wait, offset, within, 0, false);
        }

        var location = _map.Find(cluster);
        if (location.IsData)
        {
            return new WriteStep(WriteKind.InPlace, offset, within, location.Cluster, false);
        }

        Reserve(1);
        var free = _space.TakeCluster();
        _filling.Add(cluster);
        return new WriteStep(WriteKind.NewCluster, offset, within, free.Number, free.IsFresh);
    }

    /// <summary>The new cluster has been written as a whole.</summary>
    public void Publish(WriteStep step)
    {
        Check();
        _live?.Set(step.DiskCluster, Location.Data(step.FileCluster));
        _filling.Remove(step.DiskCluster);
        _map.Set(step.DiskCluster, Location.Data(step.FileCluster));
    }

    /// <summary>The new cluster could not be written; the disk stays as it is.</summary>
    public void Abandon(WriteStep step)
    {
        _filling.Remove(step.DiskCluster);
        _space.ReturnCluster(step.FileCluster);
    }

    /// <summary>Makes a whole cluster read as zeroes, or (<see cref="Location.Absent"/>) as its parent. False: wait, it is being filled.</summary>
    public bool TryForget(uint cluster, Location instead)
    {
        Check();
        if (_filling.Contains(cluster))
        {
            return false;
        }

        if (_map.Find(cluster) != instead)
        {
            _live?.Set(cluster, instead);
            Replace(cluster, instead);
        }

        return true;
    }

    public void Grow(long diskBytes)
    {
        Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(diskBytes, _layer.DiskBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(diskBytes, LayerFormat.LargestDiskBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(diskBytes % LayerFormat.ClusterBytes, 0, nameof(diskBytes));
        _headChanged |= diskBytes > _layer.DiskBytes;
        _live?.Grow((uint)(diskBytes / LayerFormat.ClusterBytes));
        _map.Grow(diskBytes);
    }

    /// <summary>The next commit is the last: the layer becomes a snapshot.</summary>
    public void Freeze()
    {
        Check();
        _isFrozen = true;
        _headChanged = true;
    }

    public void ChangeParent(ParentIdentity parent)
    {
        Check();
        Parent = parent;
        _headChanged = true;
    }

    /// <summary>As the next commit will say.</summary>
    public ParentIdentity Parent { get => field ?? _layer.Superblock.Parent; private set; }

    /// <summary>Null if nothing but data in place was written since the last: then one flush of the file is all.</summary>
    public LayerCommit? BeginCommit()
    {
        Check();
        if (_commit is not null)
        {
            throw new InvalidOperationException("a commit is under way; what is published now is for the next");
        }

        if (_map.ChangedLeaves.Count == 0 && !_headChanged)
        {
            return null;
        }

        Reserve(_map.ChangedLeaves.Count / (LayerFormat.PagesPerCluster / 2) + 1);
        var (pages, undo) = _pages.Place();
        var superblock = _layer.Superblock with
        {
            Generation = NextGeneration,
            DiskBytes = _layer.DiskBytes,
            FileClusters = _space.End,
            DataClusters = _map.DataClusters,
            ZeroClusters = _map.ZeroClusters,
            IsFrozen = _isFrozen,
            Parent = Parent,
            Indexes = [.. _map.IndexPointers],
        };
        _headChanged = false;
        var head = new FileWrite(LayerFormat.SuperblockOffset(superblock.Generation), superblock.Encode());
        return _commit = new LayerCommit(superblock, pages, head, undo);
    }

    /// <summary>
    /// Both flushes have succeeded. The clusters that hold nothing any more, for the caller to punch out of the file and then to give to
    /// <see cref="Reuse"/>: never the other way round.
    /// </summary>
    public IReadOnlyList<uint> EndCommit()
    {
        var commit = Take();
        _layer.Superblock = commit.Superblock;
        CommitPages.Free(commit.Before);
        if (commit.Superblock.IsFrozen)
        {
            _live?.Forget();
        }

        return _space.Committed(commit.Superblock.Generation, commit.Before.Freed, _running.Oldest);
    }

    public void Reuse(IReadOnlyList<uint> clusters)
    {
        foreach (var cluster in clusters)
        {
            _space.ReturnCluster(cluster);
        }
    }

    /// <summary>It failed before the first flush (no room, say): everything is as before it began, and a later one may succeed.</summary>
    public void AbandonCommit()
    {
        _pages.TakeBack(Take().Before);
        _headChanged = true;
    }

    /// <summary>
    /// A flush failed, or what came after it: what is on the medium is unknown, and the kernel says so only once. From now on everything
    /// is refused; opening the file again finds the last state that is whole.
    /// </summary>
    public void Fail(string reason)
    {
        _failure ??= reason;
        _live?.Forget();
    }

    /// <summary>The clusters that a dom0 before this one wrote and the last commit doesn't know.</summary>
    private void Claim(IReadOnlyList<(uint Cluster, Location Location)> differences)
    {
        var clusters = differences.Where(one => one.Location.IsData).Select(one => one.Location.Cluster).ToList();
        _layer.Used.Extend(clusters.Append(0u).Max() + 1);
        if (_layer.File.Length < (long)_layer.Used.End * LayerFormat.ClusterBytes || !clusters.TrueForAll(_layer.Used.TryAddCluster))
        {
            throw new DamagedDiskException(_layer.File.Name, "what was last known of it leads outside the file, or to one place twice");
        }
    }

    private void Replace(uint cluster, Location location)
    {
        if (_map.Find(cluster) is { IsData: true } old)
        {
            _space.Free(old.Cluster);
        }

        _map.Set(cluster, location);
    }

    /// <summary>The file is long enough for so many clusters more, so that nothing ever reads behind its end. It stays sparse.</summary>
    private void Reserve(int clusters)
    {
        if ((_space.End + (long)clusters) * LayerFormat.ClusterBytes > _fileBytes)
        {
            var bytes = (_space.End + clusters + ReserveClusters) * LayerFormat.ClusterBytes;
            _layer.File.SetLength(bytes);
            _fileBytes = bytes;
        }
    }

    private LayerCommit Take()
    {
        var commit = _commit ?? throw new InvalidOperationException("no commit is under way");
        _commit = null;
        return commit;
    }

    private void Check()
    {
        if (_failure is not null)
        {
            throw new IOException($"{_layer.File.Name} failed and takes nothing more until it is opened again: {_failure}");
        }

        if (_layer.Superblock.IsFrozen)
        {
            throw new InvalidOperationException($"{_layer.File.Name} is a snapshot and is never written to");
        }
    }
}
