namespace Orchestrator.Hypervisor.Disks.Layers;

/// <summary>
/// One file of a disk: what was changed since its parent. A layer that is not opened for writing never changes, and any number of disks
/// may read it at once.
/// </summary>
internal sealed class Layer : IDisposable
{
    private Layer(IDiskFile file, Superblock superblock, LayerMap map, UsedSpace used, bool hasDamagedSuperblock)
    {
        File = file;
        Superblock = superblock;
        Map = map;
        Used = used;
        HasDamagedSuperblock = hasDamagedSuperblock;
    }

    public IDiskFile File { get; }

    /// <summary>The last one that is durable.</summary>
    public Superblock Superblock { get; set; }

    public LayerMap Map { get; }

    public UsedSpace Used { get; }

    /// <summary>
    /// One of its two superblocks can't be read. A power cut while it was written does that, and then nothing is lost; a failing medium
    /// may do it too, and then what was flushed last is missing.
    /// </summary>
    public bool HasDamagedSuperblock { get; }

    /// <summary>The whole disk, in bytes: a multiple of a cluster.</summary>
    public long DiskBytes => (long)Map.Clusters * LayerFormat.ClusterBytes;

    /// <summary>Writes an empty layer and flushes it. The file's folder is the caller's to flush.</summary>
    public static void Create(IDiskFile file, Guid id, long diskBytes, ParentIdentity parent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(diskBytes, LayerFormat.ClusterBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(diskBytes, LayerFormat.LargestDiskBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(diskBytes % LayerFormat.ClusterBytes, 0, nameof(diskBytes));
        var superblock = new Superblock
        {
            LayerId = id,
            Generation = 1,
            DiskBytes = diskBytes,
            FileClusters = 1,
            Parent = parent,
            Indexes = new PagePointer[LayerMap.IndexesFor(diskBytes)],
        };
        file.SetLength(LayerFormat.ClusterBytes);
        file.Write(LayerFormat.SuperblockOffset(1), superblock.Encode());
        file.Flush();
    }

    /// <summary>Reads and checks the whole map before anything is read by it.</summary>
    /// <exception cref="DamagedDiskException">The file is not a whole and sound layer.</exception>
    public static Layer Open(IDiskFile file)
    {
        var (superblock, hasDamaged) = ReadSuperblock(file);
        var (map, used) = new LayerReading(file, superblock).Read();
        return new Layer(file, superblock, map, used, hasDamaged);
    }

    public void Dispose() => File.Dispose();

    private static (Superblock Superblock, bool HasDamaged) ReadSuperblock(IDiskFile file)
    {
        if (file.Length < LayerFormat.ClusterBytes)
        {
            throw new DamagedDiskException(file.Name, $"it is no layer file, or cut off: {file.Length} bytes");
        }

        var head = new byte[2 * LayerFormat.SuperblockBytes];
        file.Read(0, head);
        var first = Superblock.Decode(head.AsSpan(0, LayerFormat.SuperblockBytes), out var firstError);
        var second = Superblock.Decode(head.AsSpan(LayerFormat.SuperblockBytes), out var secondError);
        var newest = first is null || second?.Generation > first.Generation ? second : first;
        if (newest is null)
        {
            throw new DamagedDiskException(file.Name, firstError == secondError ? firstError : $"{secondError}; and the other: {firstError}");
        }

        if (first is not null && second is not null && (first.LayerId != second.LayerId || first.Generation == second.Generation))
        {
            throw new DamagedDiskException(file.Name, "its two superblocks are not of one layer");
        }

        // The first superblock of a new layer has no other beside it.
        return (newest, newest.Generation > 1 && (first is null || second is null));
    }
}
