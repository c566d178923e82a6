using System.Diagnostics;
using Orchestrator.Hypervisor.Tests.FrontEnd;
using Orchestrator.Hypervisor.VhostUser;

namespace Orchestrator.Hypervisor.Tests.VhostUser;

/// <summary>What an engine finds in the log while it migrates its guest: at least every page that our device has changed.</summary>
public sealed class DirtyLogTests
{
    private const int DiskBytes = 1 << 20;
    private const int PageBytes = 4096;

    /// <summary>Requests of all kinds, against the difference of the guest's memory before and after them.</summary>
    [Theory]
    [InlineData(true, false, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, false)]
    [InlineData(false, true, true)]
    public async Task Every_page_that_changed_has_its_bit(bool inMemory, bool packed, bool hasEventIndex)
    {
        await using var disk = new ServedDisk(DiskBytes, inMemory);
        FillWithNoise(disk.FilePath);
        using var guest = new BlockFrontEnd(disk.Socket, Shape(packed, hasEventIndex));
        using var log = new GuestLog(guest.Guest);
        log.Give(guest.Client);
        var random = new Random(5);
        var (queue, marked) = (guest.Queues[0], 0);
        for (var round = 0; round < 60; round++)
        {
            // The device sees nothing until the driver has written everything: what differs afterwards is the device's.
            guest.Client.Tell(18, VhostClient.Pair(0, 0));
            var requests = random.Next(1, 8);
            for (var slot = 0; slot < requests; slot++)
            {
                var (type, bytes) = random.Next(4) switch
                {
                    0 => (BlockDriver.Out, 512 * random.Next(1, 9)),
                    1 => (BlockDriver.GetId, 20),
                    2 => (BlockDriver.Flush, 0),
                    _ => (BlockDriver.In, 512 * random.Next(1, 25)),
                };
                queue.Offer(slot, type, (ulong)random.Next((DiskBytes / 512) - 24), bytes);
            }

            queue.Expose();
            log.Clear();
            var before = guest.Guest[SharedGuest.Base, (int)guest.Guest.Bytes].ToArray();
            guest.Client.Tell(18, VhostClient.Pair(0, 1));
            Collect(queue, requests);
            guest.Client.Tell(18, VhostClient.Pair(0, 0));
            for (var page = 0; page < log.PageCount; page++)
            {
                var at = page * PageBytes;
                var isChanged = !before.AsSpan(at, PageBytes).SequenceEqual(guest.Guest[SharedGuest.Base + (ulong)at, PageBytes]);
                Assert.True(log.IsDirty(page) || !isChanged, $"page {page} of round {round}");
                marked += log.IsDirty(page) ? 1 : 0;
            }

            Assert.Equal(0, log.CountForeign());
        }

        // Not simply all of them.
        Assert.InRange(marked, 60, 60 * log.PageCount / 2);
    }

    /// <summary>Someone copies dirty pages while the device writes, and then those that are left: the copy has every byte.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_copy_made_under_load_is_whole(bool inMemory, bool packed)
    {
        await using var disk = new ServedDisk(DiskBytes, inMemory);
        FillWithNoise(disk.FilePath);
        using var guest = new BlockFrontEnd(disk.Socket, Shape(packed, hasEventIndex: true));
        using var log = new GuestLog(guest.Guest);
        log.Give(guest.Client);
        var copy = guest.Guest[SharedGuest.Base, (int)guest.Guest.Bytes].ToArray();
        var queue = guest.Queues[0];
        var random = new Random(6);
        for (var round = 0; round < 1000; round++)
        {
            for (var slot = 0; slot < 8; slot++)
            {
                queue.Offer(slot, BlockDriver.In, (ulong)random.Next((DiskBytes / 512) - 24), 512 * random.Next(1, 25));
            }

            queue.Expose();
            Collect(queue, 8, meanwhile: () => CopyDirty(guest.Guest, log, copy));
            CopyDirty(guest.Guest, log, copy);
            for (var slot = 0; slot < 8; slot++)
            {
                Assert.True(copy.AsSpan((int)(queue.DataAddress(slot) - SharedGuest.Base), queue.Data(slot).Length).SequenceEqual(queue.Data(slot)));
            }
        }
    }

    [Fact]
    public async Task Who_has_not_asked_for_it_finds_nothing_and_a_listener_is_told()
    {
        await using var disk = new ServedDisk(DiskBytes, inMemory: true);
        using (var guest = new BlockFrontEnd(disk.Socket, new BlockShape()))
        {
            using var log = new GuestLog(guest.Guest);
            log.Give(guest.Client);
            Assert.Equal(0, guest.Queues[0].Run(BlockDriver.In, 0, 4096));
            Assert.DoesNotContain(true, Enumerable.Range(0, log.PageCount).Select(log.IsDirty));
        }

        using (var guest = new BlockFrontEnd(disk.Socket, Shape(packed: false, hasEventIndex: true)))
        {
            using var log = new GuestLog(guest.Guest);
            using var told = Events.Create();
            guest.Client.Tell(7, [], told);
            log.Give(guest.Client);
            Assert.Equal(0, guest.Queues[0].Run(BlockDriver.In, 0, 4096));
            Events.Take(told);
            Assert.True(log.IsDirty((int)((guest.Queues[0].DataAddress(0) - SharedGuest.Base) / PageBytes)));
        }
    }

    /// <summary>The next dom0 can't know what the last one wrote without a bit: all is marked.</summary>
    [Fact]
    public async Task A_log_survives_its_dom0()
    {
        using var mailbox = VhostMailbox.Create();
        await using var disk = new ServedDisk(DiskBytes, inMemory: true, mailbox: mailbox);
        using var guest = new BlockFrontEnd(disk.Socket, Shape(packed: true, hasEventIndex: true));
        using var log = new GuestLog(guest.Guest);
        log.Give(guest.Client);
        log.Clear();
        disk.Restart();
        Assert.Equal(0, guest.Queues[0].Run(BlockDriver.In, 0, 4096));
        Assert.DoesNotContain(false, Enumerable.Range(0, log.PageCount).Select(log.IsDirty));
        log.Clear();
        Assert.Equal(0, guest.Queues[0].Run(BlockDriver.In, 0, 4096));
        Assert.True(log.IsDirty((int)((guest.Queues[0].DataAddress(0) - SharedGuest.Base) / PageBytes)));
        Assert.Contains(false, Enumerable.Range(0, log.PageCount).Select(log.IsDirty));
    }

    private static BlockShape Shape(bool packed, bool hasEventIndex) => new(QueueSize: 32, Depth: 8, RequestBytes: 3 * PageBytes)
    {
        IsPacked = packed,
        IsLogged = true,
        UsesIndirect = packed,
        Without = hasEventIndex ? 0 : BlockFrontEnd.EventIndex,
    };

    private static void FillWithNoise(string path)
    {
        var noise = new byte[DiskBytes];
        new Random(4).NextBytes(noise);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Write(noise);
    }

    /// <summary>Without a wish to be told, which the driver would write.</summary>
    private static void Collect(BlockDriver queue, int requests, Action? meanwhile = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (requests > 0)
        {
            if (queue.TryCollect(out _, out var status))
            {
                Assert.Equal(0, status);
                requests--;
            }
            else
            {
                meanwhile?.Invoke();
                Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1), "nothing more came");
                Thread.Yield();
            }
        }
    }

    private static void CopyDirty(SharedGuest guest, GuestLog log, byte[] copy)
    {
        for (var page = 0; page < log.PageCount; page++)
        {
            if (log.TakeDirty(page))
            {
                guest[SharedGuest.Base + (ulong)(page * PageBytes), PageBytes].CopyTo(copy.AsSpan(page * PageBytes));
            }
        }
    }
}
