using CsCheck;
using Orchestrator.Hypervisor.Disks;
using Orchestrator.Hypervisor.Disks.Layers;

namespace Orchestrator.Hypervisor.Tests.Disks;

/// <summary>A layer file that is not what was written is named as such, and its missing parts are never taken for zeroes.</summary>
public sealed class DamageTests
{
    private const int Cluster = LayerFormat.ClusterBytes;
    private const int Page = LayerFormat.PageBytes;
    private const long DiskBytes = 2000L * Cluster;
    private static readonly uint[] Written = [0, 3, 4, 900, 1024, 1999];

    private readonly byte[] _sound;
    private readonly HashSet<long> _dataClusters = [];

    /// <summary>Two generations, so that both superblocks are there; the second has all of <see cref="Written"/> and a cluster of zeroes.</summary>
    public DamageTests()
    {
        var file = new SimulatedFile("top");
        Layer.Create(file, new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), DiskBytes, ParentIdentity.None);
        using var disk = new OverlayDisk(new DiskChain([Layer.Open(file)], null));
        disk.Write(0, Content(0));
        disk.Flush();
        foreach (var cluster in Written)
        {
            disk.Write((long)cluster * Cluster, Content(cluster));
        }

        disk.Writer.TryForget(7, Location.Zeroes);
        disk.Flush();
        // And a little of the room in reserve, which nothing leads to.
        _sound = file.ToArray()[..(((int)disk.Chain.Top.Superblock.FileClusters + 1) * Cluster)];
        foreach (var cluster in Written)
        {
            _dataClusters.Add(disk.Chain.Top.Map.Find(cluster).Cluster);
        }
    }

    [Fact]
    public void WhatWasWrittenIsRead() => AssertReadsAll(_sound);

    /// <summary>Pages or sectors that are lost (zeroes), another's, older, or changed in one bit.</summary>
    [Fact]
    public void DamageAnywhereInTheMapIsNamed() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, _sound.Length / Page - 1], Gen.Int[0, _sound.Length / Page - 1], Gen.Int[0, Page - 1], Gen.Int[0, 7]).Holds(
            (kind, page, other, at, bit) =>
            {
                if (_dataClusters.Contains(page / LayerFormat.PagesPerCluster))
                {
                    return;
                }

                var damaged = (byte[])_sound.Clone();
                var target = damaged.AsSpan(page * Page, Page);
                switch (kind)
                {
                    case 0:
                        target.Clear();
                        break;
                    case 1:
                        _sound.AsSpan(other * Page, Page).CopyTo(target);
                        break;
                    case 2:
                        target.Slice(at / 512 * 512, 512).Clear();
                        break;
                    case 3:
                        target.Fill(0xFF);
                        break;
                    default:
                        target[at] ^= (byte)(1 << bit);
                        break;
                }

                AssertNamedOrRight(damaged);
            },
            iter: 1000);

    [Fact]
    public void CutOffAnywhereItIsNamed() => Gen.Int[0, _sound.Length - 1].Holds(
        length =>
        {
            if (length < _sound.Length - Cluster)
            {
                Assert.Throws<DamagedDiskException>(() => Open(_sound[..length]));
            }
            else
            {
                AssertReadsAll(_sound[..length]);
            }
        },
        iter: 200);

    /// <summary>One who knows the format writes anything into it, with checksums that fit: no place outside is read, nothing else happens.</summary>
    [Fact]
    public void AHostileMapIsNamedOrHarmless()
    {
        var interesting = Gen.OneOf(Gen.Const(0UL), Gen.ULong[0, 3], Gen.ULong[14, 70], Gen.Const((ulong)uint.MaxValue), Gen.Const(ulong.MaxValue), Gen.ULong);
        Gen.Select(Gen.Int[0, 6], interesting, interesting, Gen.Int[0, 1023]).Holds(
            (field, value, second, entry) =>
            {
                var file = Hostile(field, value, second, entry);
                try
                {
                    using var chain = Open(file.ToArray());
                    for (var cluster = 0L; cluster < chain.DiskBytes / Cluster && cluster < 3000; cluster++)
                    {
                        var segment = chain.Map(cluster * Cluster, Cluster);
                        segment.File?.Read(segment.FileOffset, new byte[segment.Length]);
                    }
                }
                catch (DamagedDiskException)
                {
                }
            },
            iter: 1000);
    }

    [Fact]
    public void AFileOfSomethingElseIsNamed() => Gen.Byte.Array[0, 200_000].Holds(
        content => Assert.Throws<DamagedDiskException>(() => Open(content)), iter: 50);

    [Theory]
    [InlineData(16, 2u, "version 2")]
    [InlineData(24, 1u, "features")]
    [InlineData(104, 20u, "2^20")]
    [InlineData(108, 9u, "unknown kind")]
    [InlineData(64, 12345u, "12345 bytes")]
    public void WhatThisDom0DoesNotKnowIsRefusedByName(int at, uint value, string said)
    {
        var head = Open(_sound).Top.Superblock.Encode();
        BitConverter.TryWriteBytes(head.AsSpan(at), value);
        Seal(head);
        var file = (byte[])_sound.Clone();
        head.CopyTo(file, 0);
        file.AsSpan(LayerFormat.SuperblockBytes, LayerFormat.SuperblockBytes).Clear();
        head.CopyTo(file, LayerFormat.SuperblockBytes);
        Assert.Contains(said, Assert.Throws<DamagedDiskException>(() => Open(file)).Message);
    }

    [Theory]
    [InlineData("../base")]
    [InlineData("a/b")]
    [InlineData("..")]
    public void AParentIsNeverAPath(string name)
    {
        var head = (Open(_sound).Top.Superblock with { Parent = new ParentIdentity(ParentKind.Raw, name, Guid.Empty, 0, 0) }).Encode();
        Assert.Null(Superblock.Decode(Padded(head), out var error));
        Assert.Contains("is a path", error);
    }

    private SimulatedFile Hostile(int field, ulong value, ulong second, int entry)
    {
        var superblock = Open(_sound).Top.Superblock;
        var leaf = new byte[Page];
        var index = new byte[Page];
        BitConverter.TryWriteBytes(leaf.AsSpan(entry * 4), field == 0 ? (uint)value : 2);
        BitConverter.TryWriteBytes(leaf.AsSpan((entry + 1) % 1024 * 4), field == 1 ? (uint)value : 3);
        var leafPage = field == 2 ? value : 48;
        new PagePointer(leafPage, LayerFormat.Checksum(leaf, superblock.LayerId, leafPage)).Write(index);
        if (field == 3)
        {
            new PagePointer(value, second).Write(index.AsSpan(16));
        }

        var indexPage = field == 4 ? value : 49;
        superblock = superblock with
        {
            Generation = superblock.Generation + 1,
            FileClusters = field == 5 ? (uint)value : 4,
            DataClusters = field == 6 ? (long)second : 2,
            ZeroClusters = 0,
            DiskBytes = field == 6 ? (long)(value % 100_000_000) * Cluster : DiskBytes,
            Indexes = [new PagePointer(indexPage, LayerFormat.Checksum(index, superblock.LayerId, indexPage))],
        };
        var file = FileOf(_sound[..(4 * Cluster)]);
        file.Write(LayerFormat.SuperblockOffset(superblock.Generation), superblock.Encode());
        Place(file, leafPage, leaf);
        Place(file, indexPage, index);
        return file;
    }

    private static void Place(SimulatedFile file, ulong page, byte[] content)
    {
        if (page < 64)
        {
            file.Write((long)page * Page, content);
        }
    }

    /// <summary>Refused; or whole; or, if a superblock is gone, what the other says, and said to be damaged.</summary>
    private static void AssertNamedOrRight(byte[] content)
    {
        DiskChain chain;
        try
        {
            chain = Open(content);
        }
        catch (DamagedDiskException)
        {
            return;
        }

        if (chain.Top.Superblock.Generation == 3)
        {
            AssertReadsAll(content);
        }
        else
        {
            Assert.True(chain.Top.HasDamagedSuperblock);
            Assert.Equal((2UL, 1L), (chain.Top.Superblock.Generation, chain.Top.Superblock.DataClusters));
            AssertReads(chain, 0);
        }
    }

    private static void AssertReadsAll(byte[] content)
    {
        using var chain = Open(content);
        foreach (var cluster in Written)
        {
            AssertReads(chain, cluster);
        }

        Assert.Equal(DiskSegment.Zeroes(Cluster), chain.Map(7L * Cluster, Cluster));
    }

    private static void AssertReads(DiskChain chain, uint cluster)
    {
        var segment = chain.Map((long)cluster * Cluster, Cluster);
        var found = new byte[Cluster];
        Assert.Equal(Cluster, segment.Length);
        segment.File!.Read(segment.FileOffset, found);
        Assert.True(Content(cluster).AsSpan().SequenceEqual(found), $"cluster {cluster}");
    }

    private static DiskChain Open(byte[] content) => new([Layer.Open(FileOf(content))], null);

    private static SimulatedFile FileOf(byte[] content)
    {
        var file = new SimulatedFile("damaged");
        file.Write(0, content);
        return file;
    }

    private static byte[] Content(uint cluster)
    {
        var content = new byte[Cluster];
        new Random((int)cluster).NextBytes(content);
        return content;
    }

    private static byte[] Padded(byte[] head) => [.. head, .. new byte[LayerFormat.SuperblockBytes - head.Length]];

    private static void Seal(byte[] head)
    {
        head.AsSpan(8, 8).Clear();
        BitConverter.TryWriteBytes(head.AsSpan(8), LayerFormat.Checksum(head, Guid.Empty, 0));
    }
}
