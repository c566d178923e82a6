using CsCheck;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Memory;
using Orchestrator.Hypervisor.Rings.Queues;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Hypervisor.Tests.Rings.Queues;

/// <summary>Our device's side of both forms of a virtqueue against drivers' sides written from the specification.</summary>
public sealed unsafe class VirtqueueTests : IDisposable
{
    private readonly SharedGuest _guest = new(1 << 20);
    private readonly GuestMemory _memory;
    private readonly DescriptorChain _chain = new();

    public VirtqueueTests()
    {
        _memory = _guest.MapAsDevice();
    }

    public void Dispose()
    {
        _chain.Dispose();
        _memory.Release();
        _guest.Dispose();
    }

    private static readonly Gen<(bool Indirect, (int Length, bool Writes)[] Buffers)> ChainGen =
        Gen.Select(Gen.Bool, Gen.Select(Gen.Int[1, 5000], Gen.Bool).Array[1, 6]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Chains_arrive_whole_in_order_and_come_back_in_any_order(bool packed) => Gen.Select(
        Gen.Bool, Gen.Int[0, 4], ChainGen.Array[1, 4].Array[1, 60], Gen.Int).Holds((eventIndex, sizeBits, batches, seed) =>
    {
        using var guest = new SharedGuest(1 << 20);
        var memory = guest.MapAsDevice();
        using var chain = new DescriptorChain();
        var driver = DriverRing.Create(guest, (ushort)((8 << sizeBits) - (packed ? seed & 1 : 0)), eventIndex, packed);
        var device = Open(memory, driver, eventIndex);
        var table = guest.Allocate(16 * 16 * driver.Size);
        var data = guest.Allocate(256 << 10);
        var random = new Random(seed);
        Queue<(ushort Head, DriverBuffer[] Buffers)> offered = new();
        Dictionary<ushort, uint> owed = [];
        List<(ushort Ours, ushort Theirs)> taken = [];

        foreach (var batch in batches)
        {
            foreach (var (indirect, lengths) in batch)
            {
                var ordered = lengths.OrderBy(buffer => buffer.Writes).ToArray();
                var buffers = ordered.Select((buffer, i) => new DriverBuffer(data + (ulong)(random.Next(30) * 5000), (uint)buffer.Length, buffer.Writes)).ToArray();
                if (driver.FreeDescriptors < buffers.Length)
                {
                    continue;
                }

                var head = indirect
                    ? driver.AddIndirect(table + (ulong)(256 * NextSlot(driver)), buffers)
                    : driver.Add(buffers);
                offered.Enqueue((head, buffers));
            }

            driver.Expose();
            while (device.Take(chain) is TakeResult.Taken)
            {
                var (head, buffers) = offered.Dequeue();
                if ((!packed && chain.Head != head) || !Same(guest, memory, chain, buffers))
                {
                    return false;
                }

                taken.Add((chain.Head, head));
                owed[head] = (uint)random.Next();
            }

            // Some complete now, in an order of their own; the rest waits.
            var now = taken.OrderBy(_ => random.Next()).Take(random.Next(taken.Count + 1)).ToList();
            now.ForEach(one => device.Complete(one.Ours, owed[one.Theirs]));
            taken.RemoveAll(now.Contains);
            device.Publish();
            while (driver.TryCollect(out var head, out var written))
            {
                if (now.RemoveAll(one => one.Theirs == head) != 1 || owed[head] != written)
                {
                    return false;
                }
            }

            if (now.Count > 0 || device.InFlight != taken.Count)
            {
                return false;
            }
        }

        memory.Release();
        return offered.Count == 0 && device.Fault is QueueFault.None;
    }, iter: 200);

    /// <summary>Two sides that only ever sleep until they are told: a lost notification would leave them asleep for ever.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void No_notification_is_lost_between_two_threads(bool eventIndex, bool packed)
    {
        const int Total = 50_000;
        var driver = DriverRing.Create(_guest, 16, eventIndex, packed);
        var device = Open(_memory, driver, eventIndex);
        var data = _guest.Allocate(64);
        using var kick = new SemaphoreSlim(1);
        using var call = new SemaphoreSlim(0);
        var limit = TimeSpan.FromMinutes(2);
        var served = 0;
        var thread = new Thread(() =>
        {
            while (served < Total && kick.Wait(limit))
            {
                do
                {
                    device.Ignore();
                    while (device.Take(_chain) is TakeResult.Taken)
                    {
                        device.Complete(_chain.Head, 1);
                        served++;
                        if (device.Publish())
                        {
                            call.Release();
                        }
                    }
                }
                while (device.Listen());
            }
        });
        thread.Start();

        var (sent, received) = (0, 0);
        while (received < Total)
        {
            while (sent < Total && driver.FreeDescriptors > 0)
            {
                driver.Add(new DriverBuffer(data, 64, true));
                sent++;
                if (driver.Expose())
                {
                    kick.Release();
                }
            }

            while (driver.TryCollect(out _, out _))
            {
                received++;
            }

            if (received < Total && driver.FreeDescriptors == 0 && !driver.Listen())
            {
                Assert.True(call.Wait(limit), $"nothing more came after {received}");
            }
            else if (sent == Total && received < Total && !driver.Listen())
            {
                Assert.True(call.Wait(limit), $"nothing more came after {received}");
            }
        }

        kick.Release();
        thread.Join();
        Assert.Equal((Total, Total), (served, received));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_batch_is_signalled_once_and_only_where_the_driver_asks(bool packed)
    {
        var driver = DriverRing.Create(_guest, 8, true, packed);
        var device = Open(_memory, driver, eventIndex: true);
        var data = _guest.Allocate(64);
        bool Serve(int count, ushort usedEvent)
        {
            if (driver is PackedDriverQueue wishes)
            {
                // The first lap has the wrap counter set, the second not.
                wishes.DriverEvent = (ushort)((usedEvent & 7) | (usedEvent < 8 ? 0x8000 : 0));
                wishes.DriverEventFlags = 2;
            }
            else
            {
                ((DriverQueue)driver).UsedEvent = usedEvent;
            }

            for (var i = 0; i < count; i++)
            {
                driver.Add(new DriverBuffer(data, 64, true));
            }

            driver.Expose();
            while (device.Take(_chain) is TakeResult.Taken)
            {
                device.Complete(_chain.Head, 0);
            }

            var signal = device.Publish();
            while (driver.TryCollect(out _, out _))
            {
            }

            return signal;
        }

        Assert.True(Serve(1, 7));  // the first always is
        Assert.False(Serve(3, 7)); // 1 to 3: not there yet
        Assert.True(Serve(4, 7));  // 4 to 7: crosses it
        Assert.False(Serve(4, 7));
        Assert.False(Serve(1, 13)); // 12
        Assert.True(Serve(2, 13));  // 13 and 14
        Assert.False(device.Publish());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_index_wraps(bool packed)
    {
        var driver = DriverRing.Create(_guest, 4, false, packed);
        var device = Open(_memory, driver, eventIndex: false);
        var data = _guest.Allocate(64);
        for (var i = 0; i < 70_000; i++)
        {
            var head = driver.Add(new DriverBuffer(data, 64, true));
            driver.Expose();
            Assert.Equal(TakeResult.Taken, device.Take(_chain));
            device.Complete(_chain.Head, (uint)i);
            device.Publish();
            Assert.True(driver.TryCollect(out var used, out var written));
            Assert.Equal((head, (uint)i), (used, written));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CVE_2018_1059_a_buffer_across_two_regions_comes_in_two_pieces(bool packed)
    {
        using var second = new SharedGuest(4096);
        var region = MappedRegion.TryMap(second.File, second.Place with { GuestAddress = SharedGuest.Base + _guest.Bytes }, out var problem);
        Assert.True(region is not null, problem);
        var memory = _memory.With(region)!;
        var driver = DriverRing.Create(_guest, 4, false, packed);
        var device = Open(memory, driver, eventIndex: false);
        driver.Add(new DriverBuffer(SharedGuest.Base + _guest.Bytes - 100, 300, false));
        driver.Add(new DriverBuffer(SharedGuest.Base + _guest.Bytes - 100, 100 + 4096 + 1, false)); // and a byte behind both
        driver.Expose();

        Assert.Equal(TakeResult.Taken, device.Take(_chain));
        Assert.Equal([100, 200], _chain.Readable.ToArray().Select(piece => (int)piece.Length));
        Assert.Equal(300u, _chain.ReadableBytes);
        Assert.Equal(TakeResult.Broken, device.Take(_chain));
        Assert.Equal(QueueFault.BufferOutsideMemory, device.Fault);
        region!.Release();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_allocated_a_request(bool packed)
    {
        var driver = DriverRing.Create(_guest, 64, true, packed);
        var device = Open(_memory, driver, eventIndex: true);
        var data = _guest.Allocate(4096);
        var table = _guest.Allocate(64);
        void Serve(int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                for (var i = 0; i < 16; i++)
                {
                    driver.Add(new DriverBuffer(data, 16, false), new DriverBuffer(data, 4000, true), new DriverBuffer(data, 1, true));
                    driver.AddIndirect(table, new DriverBuffer(data, 16, false), new DriverBuffer(data, 1, true));
                }

                driver.Expose();
                while (device.Take(_chain) is TakeResult.Taken)
                {
                    device.Complete(_chain.Head, 1);
                }

                device.Publish();
                device.Listen();
                while (driver.TryCollect(out _, out _))
                {
                }
            }
        }

        Serve(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Serve(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int NextSlot(DriverRing driver) => driver.FreeDescriptors - 1;

    private static Virtqueue Open(GuestMemory memory, DriverRing driver, bool eventIndex)
    {
        var features = new QueueFeatures(Indirect: true, eventIndex, driver is PackedDriverQueue);
        var queue = Virtqueue.TryOpen(memory, driver.Place, features, driver.StartPosition, null, out var fault);
        return queue ?? throw new InvalidOperationException($"{fault}");
    }

    private static bool Same(SharedGuest guest, GuestMemory memory, DescriptorChain chain, DriverBuffer[] buffers)
    {
        var pieces = new List<IoVector>();
        pieces.AddRange(chain.Readable);
        pieces.AddRange(chain.Writable);
        var start = memory.Translate(SharedGuest.Base, 1);
        return pieces.Count == buffers.Length
            && chain.ReadableCount == buffers.Count(buffer => !buffer.DeviceWrites)
            && chain.WritableBytes == buffers.Where(buffer => buffer.DeviceWrites).Sum(buffer => buffer.Length)
            && pieces.Zip(buffers).All(pair =>
                pair.First.Start == start + (pair.Second.Address - SharedGuest.Base) && pair.First.Length == pair.Second.Length);
    }
}
