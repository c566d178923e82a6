using System.Buffers.Binary;

namespace Orchestrator.Hypervisor.Disks.Layers;

/// <summary>
/// A layer's map as it is now, in a file of its own that nobody ever flushes: it outlives dom0, and not the host. A guest goes on when dom0 is
/// killed, and believes that what was acknowledged to it is on its disk; its next flush is a promise about that too. After a power cut the guest
/// is gone as well, and the file is of another boot and counts for nothing.
/// <code>
/// 0   "ORCLIVE1", layer id, boot id, checksum of them; written last
/// 64  four bytes for each cluster of the disk, see Location
/// </code>
/// </summary>
internal sealed class LiveMap : IDisposable
{
    private const int HeaderBytes = 64;
    private const ulong Magic = 0x3145_5649_4C43_524F; // "ORCLIVE1"

    private readonly IDiskFile _file;
    private readonly byte[] _header = new byte[HeaderBytes];

    /// <param name="boot">Of the host as it runs now.</param>
    public LiveMap(IDiskFile file, Guid boot)
    {
        _file = file;
        BinaryPrimitives.WriteUInt64LittleEndian(_header, Magic);
        boot.TryWriteBytes(_header.AsSpan(24));
    }

    /// <summary>What a dom0 before this one knew of the layer and did not make durable, in the order of the disk's clusters.</summary>
    public IReadOnlyList<(uint Cluster, Location Location)> Differences(Layer layer)
    {
        Prepare(layer);
        List<(uint, Location)> differences = [];
        if (!IsOf(layer))
        {
            return differences;
        }

        var known = Math.Min((_file.Length - HeaderBytes) / sizeof(uint), layer.Map.Clusters);
        var part = new byte[LayerFormat.PageBytes];
        for (var first = 0L; first < known; first += LayerFormat.ClustersPerLeaf)
        {
            var count = (int)Math.Min(LayerFormat.ClustersPerLeaf, known - first);
            _file.Read(HeaderBytes + first * sizeof(uint), part.AsSpan(0, count * sizeof(uint)));
            for (var i = 0; i < count; i++)
            {
                var location = new Location(BinaryPrimitives.ReadUInt32LittleEndian(part.AsSpan(i * sizeof(uint))));
                if (location != layer.Map.Find((uint)(first + i)))
                {
                    differences.Add(((uint)(first + i), location));
                }
            }
        }

        return differences;
    }

    /// <summary>From now on it is this layer's; it may have been any other's before.</summary>
    public void Take(Layer layer)
    {
        if (!IsOf(layer))
        {
            _file.SetLength(0);
            Grow(layer.Map.Clusters);
            for (var cluster = 0u; cluster < layer.Map.Clusters; cluster++)
            {
                if (layer.Map.Find(cluster) is var location && location != Location.Absent)
                {
                    Set(cluster, location);
                }
            }

            _file.Write(0, _header);
        }

        Grow(layer.Map.Clusters);
    }

    public void Set(uint cluster, Location location)
    {
        Span<byte> entry = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, location.Value);
        _file.Write(HeaderBytes + (long)cluster * sizeof(uint), entry);
    }

    public void Grow(uint clusters)
    {
        var bytes = HeaderBytes + (long)clusters * sizeof(uint);
        if (_file.Length < bytes)
        {
            _file.SetLength(bytes);
        }
    }

    /// <summary>It counts for nothing any more: the layer is frozen, or nobody knows what the medium has of it.</summary>
    public void Forget() => _file.SetLength(0);

    public void Dispose() => _file.Dispose();

    private void Prepare(Layer layer)
    {
        layer.Superblock.LayerId.TryWriteBytes(_header.AsSpan(8));
        BinaryPrimitives.WriteUInt64LittleEndian(_header.AsSpan(40), LayerFormat.Checksum(_header.AsSpan(0, 40), Guid.Empty, 0));
    }

    private bool IsOf(Layer layer)
    {
        Prepare(layer);
        var found = new byte[HeaderBytes];
        if (_file.Length < HeaderBytes)
        {
            return false;
        }

        _file.Read(0, found);
        return found.AsSpan().SequenceEqual(_header);
    }
}
