using Orchestrator.Hypervisor.Disks;
using Orchestrator.Hypervisor.Disks.Layers;
using Orchestrator.Hypervisor.Disks.Store;

namespace Orchestrator.Hypervisor.Tests.Disks;

/// <summary>The store on real files, and what a kill between any two of its steps leaves.</summary>
public sealed class DiskStoreTests : IDisposable
{
    private const int Cluster = LayerFormat.ClusterBytes;

    private readonly string _root = Directory.CreateTempSubdirectory("dom0-disks-").FullName;
    private readonly byte[] _image = new byte[3 * Cluster + 5000];

    public DiskStoreTests()
    {
        new Random(5).NextBytes(_image);
        Directory.CreateDirectory(Path.Combine(_root, "disks"));
        Directory.CreateDirectory(Path.Combine(_root, "bases"));
        File.WriteAllBytes(Path.Combine(_root, "bases", "image.raw"), _image);
    }

    private DiskFolder Folder => new(Path.Combine(_root, "disks"), Path.Combine(_root, "bases"));

    private int LayerFiles => Directory.GetFiles(Path.Combine(_root, "disks"), "*.layer").Length;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void SnapshotsAndClonesGoTheirOwnWays()
    {
        var store = new DiskStore(Folder);
        store.CreateDisk("a", "image.raw", 10 * Cluster);
        var a = store.Open("a");
        Assert.Equal(Expected(0, 0), Byte(a));
        Put(a, 1);
        a = store.Snapshot("a", a, "before");
        Put(a, 2);
        store.Clone("before", "b");
        var b = store.Open("b");
        Assert.Equal((2, 1), (Byte(a), Byte(b)));
        Put(b, 3);
        b.Grow(20 * Cluster);
        a.Flush();
        store.Close("a", a);
        store.Close("b", b);

        store = new DiskStore(Folder);
        a = store.Open("a");
        b = store.Open("b");
        using (var snapshot = store.OpenSnapshot("before"))
        {
            Assert.Equal((1, 10L * Cluster), (Byte(snapshot), snapshot.DiskBytes));
        }

        Assert.Equal((2, 3, 20L * Cluster), (Byte(a), Byte(b), b.DiskBytes));
        Assert.Equal(_image[Cluster..(Cluster + 1000)], ReadAt(a, Cluster, 1000));
        Assert.Equal(new byte[1000], ReadAt(b, 19 * Cluster, 1000));
        Assert.Equal(_image, File.ReadAllBytes(Path.Combine(_root, "bases", "image.raw")));
        store.Close("a", a);
        store.Close("b", b);
    }

    [Fact]
    public void ALayerGoesWhenNoNameLeadsToIt()
    {
        var store = new DiskStore(Folder);
        store.CreateDisk("a", null, Cluster);
        var a = store.Open("a");
        a = store.Snapshot("a", a, "s");
        Assert.Throws<InvalidOperationException>(() => store.RemoveDisk("a"));
        Assert.Throws<InvalidOperationException>(() => store.Open("a"));
        store.Clone("s", "b");
        store.Close("a", a);
        Assert.Equal(3, LayerFiles);
        store.RemoveDisk("a");
        Assert.Equal(2, LayerFiles);
        store.RemoveSnapshot("s");
        Assert.Equal(2, LayerFiles);
        store.RemoveDisk("b");
        Assert.Equal(0, LayerFiles);
    }

    [Fact]
    public void AFlattenedDiskNeedsNothingBelow()
    {
        var store = new DiskStore(Folder);
        store.CreateDisk("a", "image.raw", 10 * Cluster);
        var a = store.Open("a");
        for (var i = 1; i < DiskChain.MostLayers; i++)
        {
            Put(a, (byte)i);
            a = store.Snapshot("a", a, $"s{i}");
        }

        Assert.Contains("flatten", Assert.Throws<InvalidOperationException>(() => store.Snapshot("a", a, "more")).Message);
        var flattening = new Flattening(a, DiskChain.MostLayers - 1, withBase: true);
        while (!flattening.Step(3))
        {
        }

        flattening.Finish();
        store.Close("a", a);
        foreach (var snapshot in store.Snapshots)
        {
            store.RemoveSnapshot(snapshot);
        }

        File.Delete(Path.Combine(_root, "bases", "image.raw"));
        Assert.Equal(1, LayerFiles);
        a = new DiskStore(Folder).Open("a");
        Assert.Equal(15, Byte(a));
        Assert.Equal(_image[1..], ReadAt(a, 1, _image.Length - 1));
        Assert.Equal(new byte[Cluster], ReadAt(a, 8 * Cluster, Cluster));
        store.Close("a", a);
    }

    [Fact]
    public void AnotherImageAtTheSamePlaceIsNamed()
    {
        var store = new DiskStore(Folder);
        store.CreateDisk("a", "image.raw", 10 * Cluster);
        _image[0] ^= 1;
        File.WriteAllBytes(Path.Combine(_root, "bases", "image.raw"), _image);
        Assert.Contains("image.raw", Assert.Throws<DamagedDiskException>(() => store.Open("a")).Message);
    }

    [Fact]
    public void ADamagedLayerIsNamedAndNothingIsClearedAway()
    {
        var store = new DiskStore(Folder);
        store.CreateDisk("a", null, Cluster);
        store.CreateDisk("b", null, Cluster);
        var file = Directory.GetFiles(Path.Combine(_root, "disks"), "*.layer")[0];
        File.WriteAllBytes(file, new byte[Cluster]);
        File.WriteAllBytes(Path.Combine(_root, "disks", $"{Guid.NewGuid():N}.layer"), []);
        store = new DiskStore(Folder);
        Assert.Equal(3, LayerFiles);
        var errors = store.Disks.Select(name => Record.Exception(() => store.Close(name, store.Open(name)))).ToList();
        Assert.Contains(file, Assert.IsType<DamagedDiskException>(Assert.Single(errors, error => error is not null)).Message);
    }

    /// <summary>Every change of the store, cut off before each of its steps; then all of it is done again by a new store.</summary>
    [Fact]
    public void KilledBetweenAnyTwoStepsNothingIsLost()
    {
        for (var kill = 0; ; kill++)
        {
            var folder = Folder;
            var steps = 0;
            folder.BeforeStep = _ =>
            {
                if (steps++ == kill)
                {
                    throw new PowerCutException();
                }
            };
            OverlayDisk? disk = null;
            try
            {
                var store = new DiskStore(folder);
                store.CreateDisk("a", "image.raw", 10 * Cluster);
                disk = store.Open("a");
                Put(disk, 1);
                disk.Flush();
                disk = store.Snapshot("a", disk, "s");
                Put(disk, 2);
                disk.Flush();
                store.Clone("s", "b");
                store.RemoveSnapshot("s");
                store.Close("a", disk);
                store.RemoveDisk("b");
                Assert.True(steps > 12, $"{steps} steps");
                Assert.Equal(kill, steps);
                return;
            }
            catch (PowerCutException)
            {
                disk?.Dispose();
                CheckAfterKill();
                foreach (var file in Directory.GetFiles(Path.Combine(_root, "disks")))
                {
                    File.Delete(file);
                }
            }
        }
    }

    private void CheckAfterKill()
    {
        var store = new DiskStore(Folder);
        Assert.Empty(Directory.GetFiles(Path.Combine(_root, "disks"), "*.tmp"));
        foreach (var snapshot in store.Snapshots)
        {
            using var chain = store.OpenSnapshot(snapshot);
            Assert.Equal(1, Byte(chain));
        }

        foreach (var name in store.Disks)
        {
            var disk = store.Open(name);
            Assert.Contains(Byte(disk), name == "a" ? [Expected(0, 0), (byte)1, (byte)2] : new[] { (byte)1 });
            Assert.True(store.Snapshots.Count == 0 || name == "b" || Byte(disk) >= 1);
            Put(disk, 9);
            disk.Flush();
            store.Close(name, disk);
        }

        foreach (var name in store.Disks.ToList())
        {
            store.RemoveDisk(name);
        }

        foreach (var snapshot in store.Snapshots.ToList())
        {
            store.RemoveSnapshot(snapshot);
        }

        Assert.Equal(0, LayerFiles);
    }

    private byte Expected(int offset, int written) => written > 0 ? (byte)written : _image[offset];

    private static void Put(OverlayDisk disk, byte value) => disk.Write(0, [value]);

    private static byte Byte(OverlayDisk disk) => ReadAt(disk, 0, 1)[0];

    private static byte Byte(DiskChain chain)
    {
        var value = new byte[1];
        var segment = chain.Map(0, 1);
        segment.File?.Read(segment.FileOffset, value);
        return value[0];
    }

    private static byte[] ReadAt(OverlayDisk disk, long offset, int length)
    {
        var content = new byte[length];
        disk.Read(offset, content);
        return content;
    }
}
