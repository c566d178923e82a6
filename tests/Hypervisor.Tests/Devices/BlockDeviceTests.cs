using CsCheck;
using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Hypervisor.Tests.Devices;

/// <summary>The disk as a guest sees it, through the socket and the rings; on a file system's pages and on memory.</summary>
public sealed class BlockDeviceTests
{
    private const int DiskBytes = 4 << 20;

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    public async Task What_is_written_is_read_and_lies_in_the_file(bool inMemory, bool indirect, bool packed)
    {
        await using var disk = new ServedDisk(DiskBytes, inMemory);
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape { UsesIndirect = indirect, IsPacked = packed });
        var queue = guest.Queues[0];
        var random = new Random(1);
        var expected = new byte[DiskBytes];
        for (var i = 0; i < 200; i++)
        {
            var (sector, bytes) = (random.Next((DiskBytes / 512) - 8), 512 * random.Next(1, 9));
            random.NextBytes(queue.Data(0)[..bytes]);
            queue.Data(0)[..bytes].CopyTo(expected.AsSpan(sector * 512));
            Assert.Equal(0, queue.Run(BlockDriver.Out, (ulong)sector, bytes));
        }

        Assert.Equal(0, queue.Run(BlockDriver.Flush, 0, 0));
        Assert.True(expected.AsSpan().SequenceEqual(disk.Content()));
        for (var sector = 0; sector < DiskBytes / 512; sector += 8)
        {
            Assert.Equal(0, queue.Run(BlockDriver.In, (ulong)sector, 4096));
            Assert.True(queue.Data(0).SequenceEqual(expected.AsSpan(sector * 512, 4096)));
        }

        Assert.Equal((200, DiskBytes / 4096, 1), (disk.Device.Figures.Writes, disk.Device.Figures.Reads, disk.Device.Figures.Flushes));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Many_queues_with_many_requests_each_keep_every_write(bool inMemory, bool packed)
    {
        const int Queues = 4;
        await using var disk = new ServedDisk(DiskBytes, inMemory, Queues);

        // A packed ring may be of any size: one of no power of two turns round in the middle of chains.
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape(Queues, packed ? (ushort)127 : (ushort)128) { IsPacked = packed });
        Assert.NotEqual(0UL, guest.Features & (1 << 12));
        await Task.WhenAll(Enumerable.Range(0, Queues).Select(index => Task.Run(() => WritePart(guest.Queues[index], index, Queues))));

        var content = disk.Content();
        for (var block = 0; block < DiskBytes / 4096; block++)
        {
            Assert.Equal(-1, content.AsSpan(block * 4096, 4096).IndexOfAnyExcept((byte)(1 + (block % 251))));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Held_under_a_writing_guest_it_goes_on_with_another_disk(bool inMemory)
    {
        await using var disk = new ServedDisk(DiskBytes, inMemory);
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape());
        var other = disk.FilePath + ".other";
        var some = new TaskCompletionSource();
        var writing = Task.Run(() => WriteAll(guest.Queues[0], some));
        await some.Task;
        try
        {
            var held = new TaskCompletionSource();
            disk.Loop.Post(() => disk.Device.Hold(held.SetResult));
            await held.Task;
            var before = disk.Content();
            File.Copy(disk.FilePath, other);
            await disk.Loop.AskAsync(() =>
            {
                disk.Device.Exchange(RawDisk.Open(other, isReadOnly: false));
                disk.Device.Release();
                return true;
            });
            await writing;
            Assert.True(before.AsSpan().SequenceEqual(disk.Content()));
            var content = await File.ReadAllBytesAsync(other);
            for (var block = 0; block < DiskBytes / 4096; block++)
            {
                Assert.Equal(-1, content.AsSpan(block * 4096, 4096).IndexOfAnyExcept((byte)(1 + (block % 251))));
            }
        }
        finally
        {
            File.Delete(other);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Discarded_and_zeroed_sectors_read_as_zeros(bool inMemory)
    {
        await using var disk = new ServedDisk(DiskBytes, inMemory);
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape());
        var queue = guest.Queues[0];
        foreach (var (type, flags, sector) in new[] { (BlockDriver.Discard, 0u, 0ul), (BlockDriver.WriteZeroes, 0u, 16ul), (BlockDriver.WriteZeroes, 1u, 32ul) })
        {
            queue.Data(0).Fill(0xAA);
            Assert.Equal(0, queue.Run(BlockDriver.Out, sector, 4096));
            VhostClient.Bytes(sector, 8 | ((ulong)flags << 32)).CopyTo(queue.Data(0));
            Assert.Equal(0, queue.Run(type, 0, 16));
            Assert.Equal(0, queue.Run(BlockDriver.In, sector, 4096));
            Assert.Equal(-1, queue.Data(0).IndexOfAnyExcept((byte)0));
        }
    }

    [Fact]
    public async Task What_is_not_on_the_disk_is_an_error_and_nothing_more()
    {
        await using var disk = new ServedDisk(DiskBytes, inMemory: true);
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape());
        var queue = guest.Queues[0];
        const ulong Sectors = DiskBytes / 512;
        foreach (var (sector, bytes) in new[] { (Sectors, 512), (Sectors - 7, 4096), (ulong.MaxValue, 512), (ulong.MaxValue / 512, 512), (1ul << 55, 4096), (0ul, 511) })
        {
            Assert.Equal(1, queue.Run(BlockDriver.In, sector, bytes));
            Assert.Equal(1, queue.Run(BlockDriver.Out, sector, bytes));
        }

        VhostClient.Bytes(Sectors - 1, 2).CopyTo(queue.Data(0));
        Assert.Equal(1, queue.Run(BlockDriver.Discard, 0, 16));
        VhostClient.Bytes(0, 2 | (2ul << 32)).CopyTo(queue.Data(0));
        Assert.Equal(2, queue.Run(BlockDriver.WriteZeroes, 0, 16)); // an unknown flag
        Assert.Equal(2, queue.Run(99, 0, 512)); // an unknown request
        Assert.Equal(0, queue.Run(BlockDriver.In, Sectors - 8, 4096));
        Assert.Equal(15, disk.Device.Figures.Errors);
    }

    /// <summary>A header that another processor changes all the time: each request is one of the two, whole, and none is half of both.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CVE_2015_8550_a_header_that_changes_is_read_once(bool packed)
    {
        const ulong Beyond = 1UL << 50;
        await using var disk = new ServedDisk(DiskBytes, inMemory: true);
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape { IsPacked = packed });
        var queue = guest.Queues[0];
        queue.Data(0).Fill(0x5A);
        Assert.Equal(0, queue.Run(BlockDriver.Out, 8, 4096));
        using var isOver = new CancellationTokenSource();
        var changing = Task.Run(() =>
        {
            while (!isOver.IsCancellationRequested)
            {
                Volatile.Write(ref queue.Header(0)[1], Beyond);
                Volatile.Write(ref queue.Header(0)[1], 8);
            }
        });
        var (read, refused) = (0, 0);
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        while ((read < 500 || refused < 500) && System.Diagnostics.Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1))
        {
            queue.Data(0).Clear();
            var status = queue.Run(BlockDriver.In, 8, 4096);
            Assert.Equal(status == 0 ? -1 : 0, queue.Data(0).IndexOfAnyExcept((byte)0x5A));
            _ = status == 0 ? read++ : refused++;
        }

        await isOver.CancelAsync();
        await changing;
        Assert.True(read >= 500 && refused >= 500, $"{read} read, {refused} refused");
        Assert.Equal(Orchestrator.Hypervisor.Rings.Queues.QueueFault.None, disk.Device.Fault);
    }

    [Fact]
    public async Task A_read_only_disk_takes_nothing()
    {
        await using var disk = new ServedDisk(DiskBytes, inMemory: true, isReadOnly: true);
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape());
        var queue = guest.Queues[0];
        Assert.NotEqual(0UL, guest.Features & (1 << 5));
        Assert.Equal(1, queue.Run(BlockDriver.Out, 0, 4096));
        VhostClient.Bytes(0, 2).CopyTo(queue.Data(0));
        Assert.Equal(1, queue.Run(BlockDriver.Discard, 0, 16));
        Assert.Equal(1, queue.Run(BlockDriver.WriteZeroes, 0, 16));
        Assert.Equal(0, queue.Run(BlockDriver.In, 0, 4096));
    }

    [Fact]
    public async Task It_tells_its_size_and_its_name()
    {
        await using var disk = new ServedDisk(DiskBytes, inMemory: true, queues: 2);
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape());
        var asked = new byte[12 + 60];
        asked[4] = 60;
        var configuration = guest.Client.Ask(24, asked).AsSpan(12);
        Assert.Equal(DiskBytes / 512UL, BitConverter.ToUInt64(configuration));
        Assert.Equal(2, BitConverter.ToUInt16(configuration[34..]));
        Assert.Equal(0, guest.Queues[0].Run(BlockDriver.GetId, 0, 20));
        Assert.Equal("serial-of-the-disk!!"u8, guest.Queues[0].Data(0)[..20]);
    }

    /// <summary>A driver may cut a request as it likes: the header into bytes, data that begins in the header's buffer.</summary>
    [Fact]
    public Task A_request_may_be_cut_anywhere() => Gen.Select(Gen.Int[1, 6].Array[1, 12], Gen.Bool).HoldsAsync(async (cuts, write) =>
    {
        await using var disk = new ServedDisk(64 << 10, inMemory: true);
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape());
        var queue = guest.Queues[0];
        var readable = guest.Guest.Allocate(16 + 1024);
        var writable = guest.Guest.Allocate(1024 + 1);
        var message = guest.Guest[readable, 16 + 1024];
        message.Fill(0x77);
        VhostClient.Bytes(write ? 1ul : 0ul, 3).CopyTo(message);
        List<DriverBuffer> buffers = [];
        Cut(readable, write ? 16 + 1024 : 16, false);
        Cut(writable, write ? 1 : 1025, true);
        queue.Ring.Add([.. buffers]);
        queue.Expose();
        queue.Wait();
        Assert.True(queue.Ring.TryCollect(out _, out var written));
        Assert.Equal(write ? 1u : 1025u, written);
        Assert.Equal(0, guest.Guest[writable + (write ? 0ul : 1024ul), 1][0]);
        Assert.Equal(write ? 1024 : 0, disk.Content().AsSpan(3 * 512, 1024).Count((byte)0x77));

        void Cut(ulong address, int bytes, bool writes)
        {
            for (var i = 0; i < cuts.Length && bytes > cuts[i]; i++)
            {
                buffers.Add(new DriverBuffer(address, (uint)cuts[i], writes));
                (address, bytes) = (address + (ulong)cuts[i], bytes - cuts[i]);
            }

            buffers.Add(new DriverBuffer(address, (uint)bytes, writes));
        }
    }, iter: 40, threads: 1);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Nothing_is_allocated_a_request(bool inMemory, bool packed)
    {
        await using var disk = new ServedDisk(DiskBytes, inMemory);
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape { IsPacked = packed });
        await Task.Run(() => WritePart(guest.Queues[0], 0, 1));
        var (bytes, requests) = (await disk.Loop.AskAsync(GC.GetAllocatedBytesForCurrentThread), disk.Device.Figures.Writes);
        for (var i = 0; i < 5; i++)
        {
            await Task.Run(() => WritePart(guest.Queues[0], 0, 1));
        }

        bytes = await disk.Loop.AskAsync(GC.GetAllocatedBytesForCurrentThread) - bytes;
        requests = disk.Device.Figures.Writes - requests;
        Assert.True(requests >= 5 * DiskBytes / 4096);
        // Asking allocates now and then. The smallest object there is has 24 bytes: less than one byte a request is none a request.
        Assert.InRange(bytes, 0, (long)requests - 1);
    }

    /// <summary>Writes every so-many-th block of the disk with its number, always as many at a time as the queue takes.</summary>
    private static void WriteAll(BlockDriver queue, TaskCompletionSource some)
    {
        for (var block = 0; block < DiskBytes / 4096; block++)
        {
            queue.Data(0)[..4096].Fill((byte)(1 + (block % 251)));
            Assert.Equal(0, queue.Run(BlockDriver.Out, (ulong)block * 8, 4096));
            if (block == 100)
            {
                some.SetResult();
            }
        }
    }

    private static void WritePart(BlockDriver queue, int first, int step)
    {
        const int Depth = 32;
        var (next, inFlight) = (first, 0);
        var free = new Stack<int>(Enumerable.Range(0, Depth));
        while (next < DiskBytes / 4096 || inFlight > 0)
        {
            while (next < DiskBytes / 4096 && free.TryPop(out var slot))
            {
                queue.Data(slot).Fill((byte)(1 + (next % 251)));
                queue.Offer(slot, BlockDriver.Out, (ulong)next * 8, 4096);
                next += step;
                inFlight++;
            }

            queue.Expose();
            queue.Wait();
            while (queue.TryCollect(out var slot, out var status))
            {
                Assert.Equal(0, status);
                free.Push(slot);
                inFlight--;
            }
        }
    }
}
