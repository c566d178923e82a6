using Orchestrator.Hypervisor.Disks;
using Orchestrator.Hypervisor.Disks.Layers;
using Orchestrator.Hypervisor.Disks.Store;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Hypervisor.Tests.Disks;

/// <summary>Layers below a block device: our own front-end drives them through the socket, the rings and io_uring.</summary>
public sealed class LayeredDiskTests : IDisposable
{
    private const int Cluster = LayerFormat.ClusterBytes;
    private const int DiskBytes = 12 * Cluster;
    private const int MostBytes = 3 * Cluster;

    private readonly string _root = Directory.CreateTempSubdirectory("dom0-layers-").FullName;
    private readonly byte[] _expected = new byte[DiskBytes];
    private readonly DiskStore _store;

    public LayeredDiskTests()
    {
        var image = new byte[5 * Cluster + 4096];
        new Random(8).NextBytes(image);
        image.CopyTo(_expected, 0);
        File.WriteAllBytes(Path.Combine(_root, "image.raw"), image);
        _store = NewStore();
        _store.CreateDisk("a", "image.raw", DiskBytes);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>
    /// Many requests at a time, of all kinds and sizes, over clusters that are there, are below, or nowhere. Those of one batch touch
    /// different sectors, for a disk may do them in any order; but many of them meet in one new cluster.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task ReadsWhatWasWrittenAndSoDoesTheNextDom0(int seed)
    {
        var random = new Random(seed);
        for (var life = 0; life < 3; life++)
        {
            await using (var served = new ServedLayers(_root, _store, "a"))
            {
                using var guest = new BlockFrontEnd(served.Socket, new BlockShape(Depth: 16, RequestBytes: MostBytes));
                for (var batch = 0; batch < 60; batch++)
                {
                    RunBatch(guest.Queues[0], random);
                }

                CheckAll(guest.Queues[0]);
                Assert.Equal(0, guest.Queues[0].Run(BlockDriver.Flush, 0, 0));
                Assert.Equal(0, served.Figures.Errors);
            }

            var disk = NewStore().Open("a");
            var content = new byte[DiskBytes];
            disk.Read(0, content);
            disk.Dispose();
            Assert.True(_expected.AsSpan().SequenceEqual(content));

            // The next life writes to a layer on this one.
            disk = _store.Open("a");
            _store.Close("a", _store.Snapshot("a", disk, $"life-{life}"));
        }
    }

    [Fact]
    public async Task WhatWasFlushedIsThereAfterwardsAndASnapshotStaysWhatItWas()
    {
        var disk = _store.Open("a");
        disk.Write(0, [1]);
        _store.Close("a", _store.Snapshot("a", disk, "before"));
        await using (var served = new ServedLayers(_root, _store, "a"))
        {
            using var guest = new BlockFrontEnd(served.Socket, new BlockShape());
            var queue = guest.Queues[0];
            queue.Data(0).Fill(2);
            Assert.Equal(0, queue.Run(BlockDriver.Out, 0, 4096));
            Assert.Equal(0, queue.Run(BlockDriver.Flush, 0, 0));
            queue.Data(0).Fill(3);
            Assert.Equal(0, queue.Run(BlockDriver.Out, 8 * Cluster / 512, 4096));
        }

        var found = new byte[1];
        foreach (var (store, unflushed) in new[] { (NewStore(), 3), (new DiskStore(new DiskFolder(_root, _root), Guid.NewGuid()), 0) })
        {
            // Of the same boot it is there, as after a kill; after a start of the host only what was flushed.
            disk = store.Open("a");
            disk.Read(0, found);
            Assert.Equal(2, found[0]);
            disk.Read(8 * Cluster, found);
            Assert.Equal(unflushed, found[0]);
            store.Close("a", disk);
        }

        using var chain = _store.OpenSnapshot("before");
        chain.Map(0, 1).File!.Read(chain.Map(0, 1).FileOffset, found);
        Assert.Equal(1, found[0]);
    }

    private DiskStore NewStore() => new(new DiskFolder(_root, _root));

    private void RunBatch(BlockDriver queue, Random random)
    {
        var taken = new bool[DiskBytes / 512];
        var reads = new List<(int Slot, int Sector, byte[] Content)>();
        var offered = 0;
        for (var slot = 0; slot < 16; slot++)
        {
            var sectors = random.Next(3) switch { 0 => random.Next(1, 9), 1 => random.Next(1, 128), _ => random.Next(1, MostBytes / 512) };
            var sector = random.Next(DiskBytes / 512 - sectors);
            if (taken.AsSpan(sector, sectors).Contains(true))
            {
                continue;
            }

            taken.AsSpan(sector, sectors).Fill(true);
            var place = _expected.AsSpan(sector * 512, sectors * 512);
            switch (random.Next(8))
            {
                case 0:
                    VhostClient.Bytes((ulong)sector, (uint)sectors | (1ul << 32)).CopyTo(queue.Data(slot));
                    queue.Offer(slot, BlockDriver.WriteZeroes, 0, 16);
                    place.Clear();
                    break;
                case 1:
                    queue.Offer(slot, BlockDriver.Flush, 0, 0);
                    break;
                case < 5:
                    reads.Add((slot, sector, place.ToArray()));
                    queue.Offer(slot, BlockDriver.In, (ulong)sector, place.Length);
                    break;
                default:
                    random.NextBytes(place);
                    place.CopyTo(queue.Data(slot));
                    queue.Offer(slot, BlockDriver.Out, (ulong)sector, place.Length);
                    break;
            }

            offered++;
        }

        queue.Expose();
        for (var collected = 0; collected < offered; collected++)
        {
            queue.Wait();
            Assert.True(queue.TryCollect(out _, out var status));
            Assert.Equal(0, status);
        }

        foreach (var (slot, sector, content) in reads)
        {
            Assert.True(content.AsSpan().SequenceEqual(queue.Data(slot)[..content.Length]), $"sector {sector}");
        }
    }

    private void CheckAll(BlockDriver queue)
    {
        for (var at = 0; at < DiskBytes; at += MostBytes)
        {
            Assert.Equal(0, queue.Run(BlockDriver.In, (ulong)at / 512, MostBytes));
            Assert.True(_expected.AsSpan(at, MostBytes).SequenceEqual(queue.Data(0)), $"from {at}");
        }
    }
}
