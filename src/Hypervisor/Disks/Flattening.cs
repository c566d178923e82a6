using Orchestrator.Hypervisor.Disks.Layers;

namespace Orchestrator.Hypervisor.Disks;

/// <summary>
/// Copies what a disk reads from the layers below its top into the top, piece by piece while the disk is in use, and takes those layers out
/// of its chain at the end. A crash in the middle costs nothing but the work: what was copied is what was read anyway.
/// </summary>
internal sealed class Flattening
{
    private readonly OverlayDisk _disk;
    private readonly int _layers;
    private readonly bool _withBase;
    private readonly byte[] _cluster = new byte[LayerFormat.ClusterBytes];
    private uint _next;

    /// <param name="layers">How many layers below the top are merged into it.</param>
    /// <param name="withBase">Whether the raw image is too; all layers are then.</param>
    public Flattening(OverlayDisk disk, int layers, bool withBase)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(layers >= 0 && layers < disk.Chain.Layers.Count, true, nameof(layers));
        ArgumentOutOfRangeException.ThrowIfNotEqual(!withBase || layers == disk.Chain.Layers.Count - 1, true, nameof(withBase));
        _disk = disk;
        _layers = layers;
        _withBase = withBase;
    }

    /// <summary>Looks at so many clusters. True once all are the top's own; then <see cref="Finish"/>.</summary>
    public bool Step(int clusters)
    {
        for (; clusters > 0 && _next < _disk.Chain.Top.Map.Clusters; clusters--, _next++)
        {
            if (_disk.Chain.Top.Map.Find(_next) == Location.Absent)
            {
                Take(_next);
            }
        }

        return _next == _disk.Chain.Top.Map.Clusters;
    }

    /// <summary>Durable when it returns; the merged files are not needed by this disk any more.</summary>
    public void Finish()
    {
        if (_next < _disk.Chain.Top.Map.Clusters)
        {
            throw new InvalidOperationException("there are clusters left to look at");
        }

        var last = _disk.Chain.Layers[_layers];
        _disk.Writer.ChangeParent(_withBase ? ParentIdentity.None : _layers == 0 ? _disk.Writer.Parent : last.Superblock.Parent);
        _disk.Flush();
        _disk.Chain.Drop(_layers, _withBase);
    }

    private void Take(uint cluster)
    {
        var offset = (long)cluster * LayerFormat.ClusterBytes;
        var merged = _disk.Chain.Layers.Skip(1).Take(_layers).Select(layer => FindIn(layer, cluster)).FirstOrDefault(one => one != Location.Absent);
        if (merged == Location.Zeroes || (merged == Location.Absent && _withBase && !_disk.Chain.HasBelow(cluster)))
        {
            var below = !_withBase && _disk.Chain.MapFrom(_layers + 1, offset, _cluster.Length) is not { File: null, Length: LayerFormat.ClusterBytes };
            _disk.Writer.TryForget(cluster, below ? Location.Zeroes : Location.Absent);
        }
        else if (merged.IsData || _withBase)
        {
            _disk.Read(offset, _cluster);
            _disk.Write(offset, _cluster);
        }
    }

    /// <summary>What lies behind a layer's end is zeroes to those above it.</summary>
    private static Location FindIn(Layer layer, uint cluster) => cluster < layer.Map.Clusters ? layer.Map.Find(cluster) : Location.Zeroes;
}
