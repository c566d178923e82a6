using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Memory;
using Orchestrator.Hypervisor.Rings.Queues;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Hypervisor.Tests.VhostUser;

/// <summary>Engines that say what no engine may say. Each loses its own connection, the log says why, and the next engine is served.</summary>
public sealed class HostileFrontEndTests
{
    private const int DiskBytes = 1 << 20;

    private static readonly byte[] Zeros = new byte[600];

    public static TheoryData<string, string> Messages => new()
    {
        { "unknown", "unknown message 99" },
        { "request zero", "unknown message 0" },
        { "a log that was never agreed on", "a log of dirty pages that was not agreed on" },
        { "a log without its file", "SetLogBase with 0 descriptors" },
        { "a log without a page", "the log of dirty pages: it is empty" },
        { "a log longer than its file", "the log of dirty pages: it ends beyond its file" },
        { "CVE-2020-10722: a log whose place wraps around", "the log of dirty pages: it is empty, or ends beyond the last address" },
        { "a log of no whole words", "a log of 9 bytes at 0, no multiple of 8" },
        { "a log at no whole word", "a log of 8 bytes at 4, no multiple of 8" },
        { "a log on a disk", "the log of dirty pages: its file is no memory" },
        { "a log too short for the memory", "a log of 64 pages for memory region" },
        { "more memory than its log has bits for", "a log of 64 pages for memory region" },
        { "a call of the log that is a file", "a call of the log that is no eventfd, pipe or socket" },
        { "version 0", "flags 0 in message 1" },
        { "a reply", "flags 5 in message 1" },
        { "payload too long", "SetFeatures with 16 bytes" },
        { "payload missing", "SetFeatures with 0 bytes" },
        { "payload of 4 GiB", "SetMemoryTable with 4294967295 bytes" },
        { "closed in a header", "it was closed 5 bytes into a message" },
        { "closed in a payload", "it was closed 15 bytes into a message" },
        { "a descriptor that nobody asked for", "SetFeatures with 1 descriptors" },
        { "too many descriptors", "more descriptors than any message has" },
        { "features never offered", "features 1 were never offered" },
        { "protocol features never offered", "features 4000 were never offered" },
        { "more regions than descriptors", "a table of 2 memory regions with 1 descriptors" },
        { "more regions than the message has", "a table of 8 memory regions with 1 descriptors" },
        { "a region longer than its file", "it ends beyond its file" },
        { "a region that wraps around", "it is empty, or ends beyond the last address" },
        { "an empty region", "it is empty, or ends beyond the last address" },
        { "a region on a disk", "its file is no memory" },
        { "more memory than it may have", "more than 1073741824 bytes of memory" },
        { "overlapping regions", "overlaps another" },
        { "a region removed that isn't there", "there is no memory region" },
        { "queue 1 of 1", "queue 1 of a device with 1" },
        { "CVE-2020-10723: queue 2^32 - 1", "queue 4294967295 of a device with 1" },
        { "CVE-2020-10723: queue 256 where 8 bits count", "SetQueueKick with 100 in its reserved bits" },
        { "a kick that is a file", "without an eventfd for its kicks" },
        { "no kick at all", "without an eventfd for its kicks" },
        { "a kick that contradicts itself", "doesn't say whether it brings a descriptor" },
        { "a call that is a file", "no eventfd, pipe or socket" },
        { "an inflight region too small", "an inflight region that fits no queue" },
        { "an inflight region for many queues", "an inflight region for 9 queues of 128" },
        { "the configuration beyond its end", "bytes of the configuration from" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Its_connection_ends_with_the_reason(string message, string reason)
    {
        var log = new LoggedLines();
        await using var disk = new ServedDisk(DiskBytes, inMemory: true, logger: log);
        using (var hostile = new VhostClient(disk.Socket))
        {
            Send(hostile, message);
            if (message.StartsWith("closed", StringComparison.Ordinal))
            {
                hostile.Dispose();
            }
            else
            {
                Assert.True(hostile.IsClosed());
            }
        }

        AssertServed(disk);
        Assert.Contains(log.Lines, line => line.Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("unaligned", QueueFault.RingUnaligned)]
    [InlineData("outside the memory", QueueFault.RingOutsideMemory)]
    [InlineData("of an impossible size", QueueFault.SizeInvalid)]
    [InlineData("of a size that 16 bits would cut off", QueueFault.SizeInvalid)]
    [InlineData("half outside", QueueFault.RingOutsideMemory)]
    internal async Task A_ring_in_no_good_place_stops_the_device_and_a_reset_revives_it(string where, QueueFault fault)
    {
        var log = new LoggedLines();
        await using var disk = new ServedDisk(DiskBytes, inMemory: true, logger: log);
        using (var hostile = new BlockFrontEnd(disk.Socket, new BlockShape()))
        {
            var start = hostile.Guest.Place.FrontEndAddress;
            var (size, address) = where switch
            {
                "unaligned" => (128u, start + 8),
                "outside the memory" => (128u, 0UL),
                "of an impossible size" => (100u, start),
                "of a size that 16 bits would cut off" => (0x1_0080u, start),
                _ => (128u, start + hostile.Guest.Bytes - 16),
            };
            hostile.Client.Send(8, VhostClient.Pair(0, size));
            hostile.Client.Send(9, VhostClient.Bytes(0, address, start + 8192, start + 16384, 0));
            hostile.Client.Tell(18, VhostClient.Pair(0, 1));
            Assert.Equal(fault, disk.Device.Fault);
        }

        AssertServed(disk);
    }

    /// <summary>One guest's memory goes away under its own load; the other's requests are all served.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Memory_cut_off_under_load_costs_its_owner_only(bool inMemory)
    {
        var log = new LoggedLines();
        using var loop = ServedDisk.CreateLoop();
        await using var disk = new ServedDisk(DiskBytes, inMemory, loop: loop, logger: log);
        await using var other = new ServedDisk(DiskBytes, inMemory, loop: loop);
        using var victim = new BlockFrontEnd(other.Socket, new BlockShape());
        for (var round = 0; round < 10; round++)
        {
            using (var hostile = new BlockFrontEnd(disk.Socket, new BlockShape { CanShrink = true }))
            {
                for (var slot = 0; slot < 32; slot++)
                {
                    hostile.Queues[0].Offer(slot, BlockDriver.In, (ulong)slot, 4096);
                }

                // Our own mapping of it is gone too from here on: nothing of this guest may be touched any more.
                RandomAccess.SetLength(hostile.Guest.File, 0);
                Events.Signal(hostile.Queues[0].Kick);
                Assert.Equal(0, victim.Queues[0].Run(BlockDriver.Out, 8, 4096));
            }

            Assert.Equal(0, victim.Queues[0].Run(BlockDriver.In, 8, 4096));
        }

        AssertServed(disk);
        Assert.Contains(log.Lines, line => line.Contains(nameof(QueueFault.MemoryTruncated), StringComparison.Ordinal));
        Assert.Equal(QueueFault.None, other.Device.Fault);
    }

    [Fact]
    public async Task Regions_come_and_go_under_load()
    {
        await using var disk = new ServedDisk(DiskBytes, inMemory: false);
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape());
        using var more = new SharedGuest(1 << 16);
        var queue = guest.Queues[0];
        var place = more.Place with { GuestAddress = 0x9000_0000 };
        var payload = VhostClient.Bytes(0, place.GuestAddress, place.Length, place.FrontEndAddress, place.FileOffset);
        for (var round = 0; round < 20; round++)
        {
            for (var slot = 0; slot < 32; slot++)
            {
                queue.Offer(slot, BlockDriver.Out, (ulong)slot * 8, 4096);
            }

            queue.Expose();
            guest.Client.Tell(37, payload, more.File);
            guest.Client.Tell(38, payload);
            for (var collected = 0; collected < 32;)
            {
                queue.Wait();
                while (queue.TryCollect(out _, out var status))
                {
                    Assert.Equal(0, status);
                    collected++;
                }
            }
        }

        // And with its own rings in it: the device stops, dom0 doesn't.
        guest.Client.Tell(5, VhostClient.Table(place), more.File);
        Assert.Equal(QueueFault.RingOutsideMemory, disk.Device.Fault);
    }

    [Fact]
    public async Task Kicks_without_requests_cost_nobody_else_anything()
    {
        using var loop = ServedDisk.CreateLoop();
        await using var disk = new ServedDisk(DiskBytes, inMemory: true, loop: loop);
        await using var other = new ServedDisk(DiskBytes, inMemory: true, loop: loop);
        using var hostile = new BlockFrontEnd(disk.Socket, new BlockShape());
        using var victim = new BlockFrontEnd(other.Socket, new BlockShape());
        var kicking = Task.Run(() =>
        {
            for (var i = 0; i < 1_000_000; i++)
            {
                Events.Signal(hostile.Queues[0].Kick);
            }
        });
        do
        {
            Assert.Equal(0, victim.Queues[0].Run(BlockDriver.In, 0, 4096));
        }
        while (!kicking.IsCompleted);

        await kicking;
        Assert.Equal(0, hostile.Queues[0].Run(BlockDriver.In, 0, 4096));
    }

    [Fact]
    public async Task CVE_2020_10724_a_request_shorter_than_it_must_be_stops_the_device_and_the_connection_can_still_end()
    {
        await using var disk = new ServedDisk(DiskBytes, inMemory: true);
        using (var hostile = new BlockFrontEnd(disk.Socket, new BlockShape()))
        {
            hostile.Queues[0].Ring.Add(new DriverBuffer(hostile.Guest.Allocate(16), 8, false));
            hostile.Queues[0].Expose();
            hostile.Client.Tell(18, VhostClient.Pair(0, 1));
            while (disk.Device.Fault is QueueFault.None)
            {
                hostile.Client.Tell(18, VhostClient.Pair(0, 1));
            }

            Assert.Equal(QueueFault.RequestMalformed, disk.Device.Fault);
        }

        AssertServed(disk);
    }

    [Fact]
    public async Task A_front_end_that_never_reads_its_replies_is_cut_off()
    {
        await using var disk = new ServedDisk(DiskBytes, inMemory: true);
        using (var hostile = new VhostClient(disk.Socket))
        {
            Assert.Throws<IOException>(void () =>
            {
                while (true)
                {
                    hostile.Send(1, []);
                }
            });
        }

        AssertServed(disk);
    }

    private static void AssertServed(ServedDisk disk)
    {
        using var next = new BlockFrontEnd(disk.Socket, new BlockShape());
        Assert.Equal(0, next.Queues[0].Run(BlockDriver.In, 0, 4096));
        Assert.Equal(QueueFault.None, disk.Device.Fault);
    }

    private static void Send(VhostClient client, string message)
    {
        using var memory = SharedMemory.Create("hostile", 1 << 20);
        var good = new RegionPlace(0x1000, 1 << 16, 0x7000_0000, 0);
        switch (message)
        {
            case "unknown": client.Send(99, []); break;
            case "request zero": client.Send(0, []); break;
            case "a log that was never agreed on": client.Send(6, VhostClient.Bytes(4096, 0), [memory]); break;
            case "a log without its file": client.Send(6, VhostClient.Bytes(4096, 0)); break;
            case "a log without a page": SendLog(client, memory, 0, 0); break;
            case "a log longer than its file": SendLog(client, memory, 2 << 20, 0); break;
            case "CVE-2020-10722: a log whose place wraps around": SendLog(client, memory, 4096, ulong.MaxValue - 7); break;
            case "a log of no whole words": SendLog(client, memory, 9, 0); break;
            case "a log at no whole word": SendLog(client, memory, 8, 4); break;
            case "a log on a disk": SendDiskFile(file => SendLog(client, file, 4096, 0)); break;
            case "a log too short for the memory":
                client.Send(5, VhostClient.Table(good with { Length = 1 << 20 }), [memory]);
                SendLog(client, memory, 8, 0);
                break;
            case "more memory than its log has bits for":
                SendLog(client, memory, 8, 0);
                client.Send(5, VhostClient.Table(good with { GuestAddress = 63 * 4096, Length = 4097 }), [memory]);
                break;
            case "a call of the log that is a file": client.Send(7, [], [memory]); break;
            case "version 0": client.Send(1, [], flags: 0); break;
            case "a reply": client.Send(1, [], flags: 5); break;
            case "payload too long": client.Send(2, Zeros.AsSpan(0, 16)); break;
            case "payload missing": client.Send(2, []); break;
            case "payload of 4 GiB": client.SendRaw([5, 0, 0, 0, 1, 0, 0, 0, 255, 255, 255, 255]); break;
            case "closed in a header": client.SendRaw([2, 0, 0, 0, 1]); break;
            case "closed in a payload": client.SendRaw([2, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 1, 2, 3]); break;
            case "a descriptor that nobody asked for": client.Send(2, VhostClient.Bytes(0), [memory]); break;
            case "too many descriptors": client.Send(2, VhostClient.Bytes(0), [.. Enumerable.Repeat(memory, 200)]); break;
            case "features never offered": client.SendNumber(2, 1); break;
            case "protocol features never offered": client.SendNumber(16, 1 << 14); break;
            case "more regions than descriptors": client.Send(5, VhostClient.Table(good, good), [memory]); break;
            case "more regions than the message has": client.Send(5, VhostClient.Bytes(8), [memory]); break;
            case "a region longer than its file": client.Send(5, VhostClient.Table(good with { Length = 2 << 20 }), [memory]); break;
            case "a region that wraps around": client.Send(5, VhostClient.Table(good with { FileOffset = ulong.MaxValue - 10 }), [memory]); break;
            case "an empty region": client.Send(5, VhostClient.Table(good with { Length = 0 }), [memory]); break;
            case "a region on a disk": SendDiskFile(file => client.Send(5, VhostClient.Table(good), [file])); break;
            case "more memory than it may have": client.Send(5, VhostClient.Table(good with { Length = (1UL << 30) + 1 }), [memory]); break;
            case "overlapping regions": client.Send(5, VhostClient.Table(good, good with { GuestAddress = 0x2000 }), [memory, memory]); break;
            case "a region removed that isn't there": client.Send(38, VhostClient.Bytes(0, 1, 2, 3, 4)); break;
            case "queue 1 of 1": client.Send(8, VhostClient.Pair(1, 8)); break;
            case "CVE-2020-10723: queue 2^32 - 1": client.Send(11, VhostClient.Pair(uint.MaxValue, 0)); break;
            case "CVE-2020-10723: queue 256 where 8 bits count": client.Send(12, VhostClient.Bytes(0x100 << 9), [memory]); break;
            case "a kick that is a file": client.Send(12, VhostClient.Bytes(0), [memory]); break;
            case "no kick at all": client.Send(12, VhostClient.Bytes(0x100)); break;
            case "a kick that contradicts itself": client.Send(12, VhostClient.Bytes(0)); break;
            case "a call that is a file": client.Send(13, VhostClient.Bytes(0), [memory]); break;
            case "an inflight region too small": client.Send(32, [.. VhostClient.Bytes(64, 0), 1, 0, 128, 0], [memory]); break;
            case "an inflight region for many queues": client.Send(31, [.. VhostClient.Bytes(0, 0), 9, 0, 128, 0]); break;
            case "the configuration beyond its end": client.Send(24, [.. VhostClient.Pair(250, 100), 0, 0, 0, 0]); break;
            default: throw new ArgumentOutOfRangeException(nameof(message), message, null);
        }
    }

    private static void SendLog(VhostClient client, SafeFileHandle file, ulong bytes, ulong offset)
    {
        client.SendNumber(16, 1 << 1);
        client.SendNumber(2, BlockFrontEnd.LogAll | (1UL << 30));
        client.Send(6, VhostClient.Bytes(bytes, offset), [file]);
    }

    private static void SendDiskFile(Action<SafeFileHandle> send)
    {
        using var file = File.OpenHandle(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        RandomAccess.SetLength(file, 1 << 20);
        send(file);
    }
}
