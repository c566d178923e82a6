using System.Buffers.Binary;
using System.Text;

namespace Orchestrator.Hypervisor.Disks.Layers;

internal enum ParentKind
{
    None = 0,

    /// <summary>A raw image; <see cref="ParentIdentity.Id"/> is a fingerprint of its content.</summary>
    Raw = 1,

    /// <summary>A frozen layer of this id, at this generation.</summary>
    Layer = 2,
}

/// <summary>What a layer's parent must be, so that another file at its place is known.</summary>
internal sealed record ParentIdentity(ParentKind Kind, string FileName, Guid Id, ulong Generation, long Bytes)
{
    public const int LongestFileName = 255;

    public static readonly ParentIdentity None = new(ParentKind.None, "", Guid.Empty, 0, 0);
}

/// <summary>The head of a layer file: the one page by which all others count. Writing it is what makes a flush true.</summary>
internal sealed record Superblock
{
    public const int HeaderBytes = 512;
    public const uint CurrentVersion = 1;
    private const ulong Magic = 0x5245_5941_4C43_524F; // "ORCLAYER"
    private const uint FrozenFlag = 1;
    private const int ClusterBits = 16;

    public required Guid LayerId { get; init; }

    public required ulong Generation { get; init; }

    public required long DiskBytes { get; init; }

    /// <summary>The file's length in clusters; what lies behind was never flushed.</summary>
    public required uint FileClusters { get; init; }

    public long DataClusters { get; init; }

    public long ZeroClusters { get; init; }

    /// <summary>Nothing is ever written to it again: it is a snapshot, and others may lie on it.</summary>
    public bool IsFrozen { get; init; }

    public ParentIdentity Parent { get; init; } = ParentIdentity.None;

    public IReadOnlyList<PagePointer> Indexes { get; init; } = [];

    public byte[] Encode()
    {
        // A whole number of pages, so that a direct write needs nothing else.
        var used = HeaderBytes + Indexes.Count * PagePointer.Bytes;
        var data = new byte[(used + LayerFormat.PageBytes - 1) / LayerFormat.PageBytes * LayerFormat.PageBytes];
        var name = Encoding.UTF8.GetBytes(Parent.FileName);
        BinaryPrimitives.WriteUInt64LittleEndian(data, Magic);
        Write32(data, 16, CurrentVersion);
        Write32(data, 20, (uint)data.Length);
        Write64(data, 40, Generation);
        LayerId.TryWriteBytes(data.AsSpan(48));
        Write64(data, 64, (ulong)DiskBytes);
        Write64(data, 72, FileClusters);
        Write64(data, 80, (ulong)DataClusters);
        Write64(data, 88, (ulong)ZeroClusters);
        Write32(data, 96, IsFrozen ? FrozenFlag : 0);
        Write32(data, 100, (uint)Indexes.Count);
        Write32(data, 104, ClusterBits);
        Write32(data, 108, (uint)Parent.Kind);
        Parent.Id.TryWriteBytes(data.AsSpan(112));
        Write64(data, 128, Parent.Generation);
        Write64(data, 136, (ulong)Parent.Bytes);
        Write32(data, 144, (uint)name.Length);
        name.CopyTo(data, 148);
        for (var i = 0; i < Indexes.Count; i++)
        {
            Indexes[i].Write(data.AsSpan(HeaderBytes + i * PagePointer.Bytes));
        }

        Write64(data, 8, LayerFormat.Checksum(data, Guid.Empty, 0));
        return data;
    }

    /// <summary>Null, and what is wrong with it, if this is no superblock or one that we don't understand.</summary>
    public static Superblock? Decode(ReadOnlySpan<byte> slot, out string error)
    {
        if (Read64(slot, 0) != Magic)
        {
            error = "it is no layer file (no magic number)";
            return null;
        }

        var length = Read32(slot, 20);
        if (length < HeaderBytes || length > slot.Length || length % LayerFormat.PageBytes != 0)
        {
            error = $"its superblock has an impossible length of {length}";
            return null;
        }

        var data = slot[..(int)length].ToArray();
        Write64(data, 8, 0);
        if (LayerFormat.Checksum(data, Guid.Empty, 0) != Read64(slot, 8))
        {
            error = "its superblock's checksum is wrong";
            return null;
        }

        error = Refusal(data);
        return error.Length == 0 ? Parse(data) : null;
    }

    /// <summary>What a writer with a right checksum may have said that we can't take: later versions, and lies.</summary>
    private static string Refusal(ReadOnlySpan<byte> data)
    {
        var (bytes, clusters, indexes, name) = (Read64(data, 64), Read64(data, 72), Read32(data, 100), Read32(data, 144));
        return
            Read32(data, 16) != CurrentVersion ? $"it has version {Read32(data, 16)}, and this dom0 knows {CurrentVersion}" :
            Read64(data, 24) != 0 ? $"it needs features that this dom0 doesn't know (0x{Read64(data, 24):x})" :
            Read32(data, 104) != ClusterBits ? $"it has clusters of 2^{Read32(data, 104)} bytes, and this dom0 knows 2^{ClusterBits}" :
            bytes is 0 or > LayerFormat.LargestDiskBytes || bytes % LayerFormat.ClusterBytes != 0 ? $"it says that its disk has {bytes} bytes" :
            Read64(data, 40) is 0 or > long.MaxValue ? $"it has the generation {Read64(data, 40)}" :
            clusters is 0 or > int.MaxValue ? $"it says that it has {clusters} clusters" :
            indexes != LayerMap.IndexesFor((long)bytes) ? $"it has {indexes} index pages for a disk of {bytes} bytes" :
            Read32(data, 20) < HeaderBytes + indexes * PagePointer.Bytes ? "its index pages don't fit into its superblock" :
            Read32(data, 108) > (uint)ParentKind.Layer ? $"it has a parent of an unknown kind ({Read32(data, 108)})" :
            name > ParentIdentity.LongestFileName ? $"its parent's name has {name} bytes" :
            Read64(data, 136) > long.MaxValue ? "its parent's size is impossible" :
            IsPath(data.Slice(148, (int)name)) ? "its parent's name is a path" :
            "";
    }

    /// <summary>A parent is looked for beside the layer and nowhere else.</summary>
    private static bool IsPath(ReadOnlySpan<byte> name) => name.ContainsAny("/\0"u8) || name.SequenceEqual(".."u8) || name.SequenceEqual("."u8);

    private static Superblock Parse(ReadOnlySpan<byte> data)
    {
        var indexes = new PagePointer[Read32(data, 100)];
        for (var i = 0; i < indexes.Length; i++)
        {
            indexes[i] = PagePointer.Read(data[(HeaderBytes + i * PagePointer.Bytes)..]);
        }

        return new Superblock
        {
            Generation = Read64(data, 40),
            LayerId = new Guid(data.Slice(48, 16)),
            DiskBytes = (long)Read64(data, 64),
            FileClusters = (uint)Read64(data, 72),
            DataClusters = (long)Read64(data, 80),
            ZeroClusters = (long)Read64(data, 88),
            IsFrozen = (Read32(data, 96) & FrozenFlag) != 0,
            Parent = new ParentIdentity(
                (ParentKind)Read32(data, 108),
                Encoding.UTF8.GetString(data.Slice(148, (int)Read32(data, 144))),
                new Guid(data.Slice(112, 16)),
                Read64(data, 128),
                (long)Read64(data, 136)),
            Indexes = indexes,
        };
    }

    private static uint Read32(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt32LittleEndian(data[at..]);

    private static ulong Read64(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt64LittleEndian(data[at..]);

    private static void Write32(Span<byte> data, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(data[at..], value);

    private static void Write64(Span<byte> data, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(data[at..], value);
}
