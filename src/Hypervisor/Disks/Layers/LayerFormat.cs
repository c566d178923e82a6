using System.Buffers.Binary;
using System.IO.Hashing;

namespace Orchestrator.Hypervisor.Disks.Layers;

/// <summary>
/// The numbers of a layer file (docs/disks.md has the whole format, docs/adr/0013 its reasons). Everything is little-endian.
/// <code>
/// cluster 0      two superblocks of up to 16 KiB; the newest valid one counts
/// cluster 1…     each either one cluster of the disk, or 16 map pages, or free
///
/// superblock ──► index pages ──► leaf pages ──► clusters
///                256 leaves      1024 clusters  64 KiB
/// </code>
/// Each pointer to a page carries the page's checksum, so a page that is lost, old or another's is known from the page above it.
/// </summary>
internal static class LayerFormat
{
    public const int PageBytes = 4096;
    public const int ClusterBytes = 64 * 1024;
    public const int PagesPerCluster = ClusterBytes / PageBytes;
    public const int SuperblockBytes = 16 * 1024;

    /// <summary>32 bits a cluster: what it is, see <see cref="Location"/>.</summary>
    public const int ClustersPerLeaf = PageBytes / sizeof(uint);
    public const int LeavesPerIndex = PageBytes / PagePointer.Bytes;
    public const int MostIndexes = (SuperblockBytes - Superblock.HeaderBytes) / PagePointer.Bytes;
    public const long LargestDiskBytes = (long)MostIndexes * LeavesPerIndex * ClustersPerLeaf * ClusterBytes;

    public static long SuperblockOffset(ulong generation) => generation % 2 == 0 ? 0 : SuperblockBytes;

    /// <summary>Of a page at its place in its own layer: the same bytes elsewhere have another.</summary>
    public static ulong Checksum(ReadOnlySpan<byte> page, Guid layer, ulong number)
    {
        Span<byte> place = stackalloc byte[24];
        layer.TryWriteBytes(place);
        BinaryPrimitives.WriteUInt64LittleEndian(place[16..], number);
        return XxHash3.HashToUInt64(page, (long)XxHash3.HashToUInt64(place));
    }

    /// <summary>The bytes of so many whole clusters that these fit.</summary>
    public static long InClusters(long bytes) => (bytes + ClusterBytes - 1) / ClusterBytes * ClusterBytes;
}

/// <summary>Where a page of the map is (in pages from the file's beginning; 0: there is none) and what its checksum must be.</summary>
internal readonly record struct PagePointer(ulong Page, ulong Checksum)
{
    public const int Bytes = 16;

    public bool IsNone => Page == 0;

    public static PagePointer Read(ReadOnlySpan<byte> data) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(data), BinaryPrimitives.ReadUInt64LittleEndian(data[8..]));

    public void Write(Span<byte> data)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(data, Page);
        BinaryPrimitives.WriteUInt64LittleEndian(data[8..], Checksum);
    }
}

/// <summary>What a layer knows of one cluster of the disk: nothing (its parent does), that it is zeroes, or where in the file it is.</summary>
internal readonly record struct Location(uint Value)
{
    public static readonly Location Absent = new(0);
    public static readonly Location Zeroes = new(1);

    public bool IsData => Value > 1;

    /// <summary>The cluster of the file. Cluster 0 holds the superblocks, so the values 0 and 1 are free for other meanings.</summary>
    public uint Cluster => Value - 1;

    public static Location Data(uint cluster) => new(cluster + 1);
}
