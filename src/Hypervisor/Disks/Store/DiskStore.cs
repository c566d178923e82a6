using Orchestrator.Hypervisor.Disks.Layers;

namespace Orchestrator.Hypervisor.Disks.Store;

/// <summary>
/// Disks, snapshots and clones by name. A snapshot freezes a disk's top layer and gives the disk a new one on it; a clone is one more layer
/// on a snapshot; so both take no time and no room. A layer is removed when no disk and no snapshot stands on it any more.
/// <para>
/// Killed at any point, the next store finds every disk and every snapshot as it was before or after the last change, and clears away what
/// no name leads to. One process at a time has a folder (the data directory's lock); one thread at a time uses a store.
/// </para>
/// </summary>
internal sealed class DiskStore
{
    private readonly DiskFolder _folder;
    private readonly Guid _boot;
    private readonly HashSet<string> _open = [];
    private readonly StoreIndex _index;

    public DiskStore(DiskFolder folder)
        : this(folder, Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id")))
    {
    }

    /// <param name="boot">Of the host: a store of the same boot finds also what was written and not flushed.</param>
    public DiskStore(DiskFolder folder, Guid boot)
    {
        _folder = folder;
        _boot = boot;
        _index = new StoreIndex(folder);
        folder.RemovePending();
        Collect();
    }

    public IReadOnlyList<string> Disks => _folder.NamesOf(DiskFolder.Disk);

    public IReadOnlyList<string> Snapshots => _folder.NamesOf(DiskFolder.Snapshot);

    /// <param name="baseFile">A raw image in the folder of bases, or null for a disk of zeroes.</param>
    /// <param name="bytes">At least the base's; rounded up to a cluster.</param>
    public void CreateDisk(string name, string? baseFile, long bytes)
    {
        RefuseIfThere(name, DiskFolder.Disk);
        var parent = ParentIdentity.None;
        if (baseFile is not null)
        {
            using var image = RawImage.Open(_folder.OpenBase(baseFile));
            parent = image.IdentityAs(baseFile);
        }

        var rounded = LayerFormat.InClusters(Math.Max(bytes, parent.Bytes));
        Write(name, DiskFolder.Disk, new DiskRecord(CreateLayer(rounded, parent)));
    }

    /// <summary>The disk, for its one owner; <see cref="Close"/> gives it back.</summary>
    /// <exception cref="DamagedDiskException">One of its files is not what it must be.</exception>
    public OverlayDisk Open(string name)
    {
        if (!_open.Add(name))
        {
            throw new InvalidOperationException($"disk '{name}' is open");
        }

        try
        {
            var chain = OpenChain(_folder.Read(name, DiskFolder.Disk).Layer, forWriting: true);

            if (!chain.Top.Superblock.IsFrozen)
            {
                return Serve(chain);
            }

            // A snapshot was cut off after its freezing, which may not have reached the medium.
            chain.Top.File.Flush();
            return AddTop(name, chain);
        }
        catch
        {
            _open.Remove(name);
            throw;
        }
    }

    /// <summary>What was not flushed is there again until the host's next start.</summary>
    public void Close(string name, OverlayDisk disk)
    {
        // Flattened, it lies on less than before.
        _index.Lies(Path.GetFileName(disk.Chain.Top.File.Name), disk.Writer.Parent);
        disk.Dispose();
        _open.Remove(name);
    }

    /// <summary>A snapshot of an open disk, which goes on as the result. Everything written before is in it, and durable.</summary>
    public OverlayDisk Snapshot(string name, OverlayDisk disk, string snapshot)
    {
        RefuseIfFull(disk.Chain.Layers.Count, name);
        Freeze(name, disk, snapshot);
        return AddTop(name, disk.Chain);
    }

    /// <summary>The snapshot alone: the disk takes no more writes until it is opened again.</summary>
    public void Freeze(string name, OverlayDisk disk, string snapshot)
    {
        RefuseIfThere(snapshot, DiskFolder.Snapshot);
        disk.Freeze();
        _folder.RemoveLive(Path.GetFileName(disk.Chain.Top.File.Name));
        Write(snapshot, DiskFolder.Snapshot, _folder.Read(name, DiskFolder.Disk));
    }

    public void Clone(string snapshot, string name)
    {
        RefuseIfThere(name, DiskFolder.Disk);
        using var chain = OpenSnapshot(snapshot);
        RefuseIfFull(chain.Layers.Count, snapshot);
        Write(name, DiskFolder.Disk, new DiskRecord(CreateChild(chain)));
    }

    public DiskChain OpenSnapshot(string snapshot) => OpenChain(_folder.Read(snapshot, DiskFolder.Snapshot).Layer, forWriting: false);

    public void RemoveDisk(string name)
    {
        if (_open.Contains(name))
        {
            throw new InvalidOperationException($"disk '{name}' is open");
        }

        Remove(name, DiskFolder.Disk);
    }

    public void RemoveSnapshot(string snapshot) => Remove(snapshot, DiskFolder.Snapshot);

    /// <summary>Removes the layers that no name leads to. If a record or a layer can't be read, none: it might lead there.</summary>
    public void Collect()
    {
        if (!_index.TryComplete())
        {
            return;
        }

        var needed = _index.Needed();
        foreach (var layer in _folder.LayerFiles().Where(layer => !needed.Contains(layer)))
        {
            _folder.RemoveLayer(layer);
            _index.Forget(layer);
        }
    }

    private void Remove(string name, string kind)
    {
        _folder.Read(name, kind);
        _folder.Remove(name, kind);
        _index.Forget(name, kind);
        Collect();
    }

    private void Write(string name, string kind, DiskRecord record)
    {
        _folder.Write(name, kind, record);
        _index.Names(name, kind, record.Layer);
    }

    private string CreateLayer(long diskBytes, ParentIdentity parent)
    {
        var file = _folder.CreateLayer(Guid.NewGuid(), diskBytes, parent);
        _index.Lies(file, parent);
        return file;
    }

    private OverlayDisk Serve(DiskChain chain) => new(chain, _folder.OpenLive(Path.GetFileName(chain.Top.File.Name), _boot));

    private OverlayDisk AddTop(string name, DiskChain chain)
    {
        var file = CreateChild(chain);
        Write(name, DiskFolder.Disk, new DiskRecord(file));
        return Serve(new DiskChain([Layer.Open(_folder.OpenLayer(file, forWriting: true)), .. chain.Layers], chain.Base));
    }

    private string CreateChild(DiskChain chain)
    {
        var (top, superblock) = (chain.Top, chain.Top.Superblock);
        var parent = new ParentIdentity(ParentKind.Layer, Path.GetFileName(top.File.Name), superblock.LayerId, superblock.Generation, top.DiskBytes);
        return CreateLayer(top.DiskBytes, parent);
    }

    private DiskChain OpenChain(string topFile, bool forWriting)
    {
        List<Layer> layers = [];
        RawImage? image = null;
        try
        {
            layers.Add(Layer.Open(_folder.OpenLayer(topFile, forWriting)));
            while (layers[^1].Superblock.Parent is { Kind: ParentKind.Layer } parent)
            {
                if (layers.Count == DiskChain.MostLayers)
                {
                    throw new DamagedDiskException(layers[^1].File.Name, $"it is the last of {layers.Count} layers and has one more below it");
                }

                layers.Add(Layer.Open(_folder.OpenLayer(parent.FileName, forWriting: false)));
            }

            image = layers[^1].Superblock.Parent is { Kind: ParentKind.Raw } raw ? RawImage.Open(_folder.OpenBase(raw.FileName)) : null;
            return new DiskChain(layers, image);
        }
        catch
        {
            layers.ForEach(layer => layer.Dispose());
            image?.Dispose();
            throw;
        }
    }

    private void RefuseIfThere(string name, string kind)
    {
        if (_folder.Exists(name, kind))
        {
            throw new InvalidOperationException($"there is a {kind[1..]} '{name}' already");
        }
    }

    private static void RefuseIfFull(int layers, string name)
    {
        if (layers == DiskChain.MostLayers)
        {
            throw new InvalidOperationException($"'{name}' has {layers} layers, and more would make it slow: flatten it first");
        }
    }
}
