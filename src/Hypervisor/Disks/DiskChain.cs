using Orchestrator.Hypervisor.Disks.Layers;

namespace Orchestrator.Hypervisor.Disks;

/// <summary>
/// The layers of one disk, from the one that is written down to the oldest, and the raw image below, if there is one. Says where what
/// the disk reads lies.
/// </summary>
internal sealed class DiskChain : IDisposable
{
    /// <summary>A lookup asks each layer, and each costs the memory of its map: a longer chain is flattened first.</summary>
    public const int MostLayers = 16;

    private readonly List<Layer> _layers;
    private RawImage? _base;

    /// <exception cref="DamagedDiskException">One of them is not what the one above it was made on.</exception>
    public DiskChain(IReadOnlyList<Layer> layers, RawImage? @base)
    {
        ArgumentOutOfRangeException.ThrowIfZero(layers.Count, nameof(layers));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layers.Count, MostLayers, nameof(layers));
        _layers = [.. layers];
        _base = @base;
        for (var i = 0; i < layers.Count; i++)
        {
            CheckParent(layers[i], i + 1 < layers.Count ? layers[i + 1] : null);
        }
    }

    public Layer Top => _layers[0];

    public IReadOnlyList<Layer> Layers => _layers;

    public RawImage? Base => _base;

    public long DiskBytes => Top.DiskBytes;

    /// <summary>The first stretch of what the disk reads at a range: the whole range, if it lies in one piece.</summary>
    public DiskSegment Map(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, DiskBytes - length, nameof(offset));
        return MapFrom(0, offset, length);
    }

    /// <summary>The same as the layers below the first <paramref name="skip"/> have it.</summary>
    public DiskSegment MapFrom(int skip, long offset, int length)
    {
        var segment = MapCluster(skip, offset, length);
        while (segment.Length < length)
        {
            var next = MapCluster(skip, offset + segment.Length, length - segment.Length);
            if (!next.Follows(segment))
            {
                break;
            }

            segment = segment with { Length = segment.Length + next.Length };
        }

        return segment;
    }

    /// <summary>Whether anything below the top may be something else than zeroes there.</summary>
    public bool HasBelow(uint cluster) =>
        MapFrom(1, (long)cluster * LayerFormat.ClusterBytes, LayerFormat.ClusterBytes) is not { File: null, Length: LayerFormat.ClusterBytes };

    /// <summary>The first layers were merged into the top: it lies on what is below them now.</summary>
    public void Drop(int layersBelowTop, bool dropBase)
    {
        foreach (var layer in _layers.Skip(1).Take(layersBelowTop))
        {
            layer.Dispose();
        }

        _layers.RemoveRange(1, layersBelowTop);
        if (dropBase)
        {
            _base?.Dispose();
            _base = null;
        }
    }

    public void Dispose()
    {
        _layers.ForEach(layer => layer.Dispose());
        _base?.Dispose();
    }

    private DiskSegment MapCluster(int skip, long offset, int length)
    {
        var (cluster, within) = ((uint)(offset / LayerFormat.ClusterBytes), (int)(offset % LayerFormat.ClusterBytes));
        var part = Math.Min(length, LayerFormat.ClusterBytes - within);
        for (var i = skip; i < _layers.Count; i++)
        {
            // What was grown above this layer is zeroes, whatever lies below it.
            var location = cluster < _layers[i].Map.Clusters ? _layers[i].Map.Find(cluster) : Location.Zeroes;
            if (location != Location.Absent)
            {
                return location.IsData
                    ? new DiskSegment(_layers[i].File, (long)location.Cluster * LayerFormat.ClusterBytes + within, part)
                    : DiskSegment.Zeroes(part);
            }
        }

        return _base?.Map(offset, part) ?? DiskSegment.Zeroes(part);
    }

    private void CheckParent(Layer layer, Layer? below)
    {
        var expected = layer.Superblock.Parent;
        var (kind, id, generation, bytes) =
            below is not null ? (ParentKind.Layer, below.Superblock.LayerId, below.Superblock.Generation, below.DiskBytes) :
            _base is not null ? (ParentKind.Raw, _base.Fingerprint, 0UL, _base.Bytes) :
            (ParentKind.None, Guid.Empty, 0UL, 0L);
        if ((expected.Kind, expected.Id, expected.Generation, expected.Bytes) != (kind, id, generation, bytes))
        {
            throw new DamagedDiskException(
                (below?.File ?? _base?.File ?? layer.File).Name,
                $"it is not what {layer.File.Name} was made on: expected {expected.Kind} {expected.Id} at generation {expected.Generation} "
                + $"with {expected.Bytes} bytes, found {kind} {id} at generation {generation} with {bytes} bytes");
        }

        if (layer.DiskBytes < bytes)
        {
            throw new DamagedDiskException(layer.File.Name, $"its disk has {layer.DiskBytes} bytes and what it was made on {bytes}");
        }

        if (below is { Superblock.IsFrozen: false })
        {
            throw new DamagedDiskException(below.File.Name, $"it is below {layer.File.Name} and not frozen");
        }
    }
}
