using CsCheck;
using Orchestrator.Hypervisor.Memory;
using Orchestrator.Hypervisor.Rings.Queues;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Hypervisor.Tests.Rings.Queues;

/// <summary>What a guest may write into its packed rings to harm us; each breaks its own queue, by name, and reaches nothing else.</summary>
public sealed unsafe class HostilePackedQueueTests : IDisposable
{
    private const ushort Size = 8;
    private const ushort Available = PackedDriverQueue.Available;
    private const ushort Used = PackedDriverQueue.Used;
    private const ushort Next = PackedDriverQueue.Next;

    private readonly SharedGuest _guest = new(1 << 16);
    private readonly GuestMemory _memory;
    private readonly DescriptorChain _chain = new();
    private readonly PackedDriverQueue _driver;
    private readonly ulong _data;

    public HostilePackedQueueTests()
    {
        _memory = _guest.MapAsDevice();
        _driver = new PackedDriverQueue(_guest, Size, eventIndex: false);
        _data = _guest.Allocate(4096);
    }

    public void Dispose()
    {
        _chain.Dispose();
        _memory.Release();
        _guest.Dispose();
    }

    [Fact]
    public void A_chain_that_goes_round_the_ring_ends()
    {
        for (var i = 0; i < Size; i++)
        {
            Descriptor(i, _data, 16, Available | Next);
        }

        Breaks(QueueFault.ChainTooLong);
    }

    [Fact]
    public void A_chain_as_long_as_the_ring_is_taken_from_any_place()
    {
        for (var i = 0; i < Size; i++)
        {
            // It begins at 3, and after the end of the lap the wrap counter is the other.
            Descriptor((3 + i) % Size, _data, 16, (ushort)((3 + i < Size ? Available : Used) | (i < Size - 1 ? Next : 0)));
        }

        var queue = Open(position: 0x8003_8003);
        Assert.Equal(TakeResult.Taken, queue.Take(_chain));
        Assert.Equal(Size, _chain.ReadableCount);
        Assert.Equal(0x8003_0003u, queue.Position);
    }

    [Theory]
    [InlineData(0)]                  // never offered
    [InlineData(Used)]               // of the next lap
    [InlineData(Available | Used)]   // used
    public void A_chain_that_goes_on_where_nothing_was_offered(ushort flags)
    {
        Descriptor(0, _data, 16, Available | Next);
        Descriptor(1, _data, 16, flags);
        Breaks(QueueFault.NextUnavailable);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Used)]
    [InlineData(Available | Used)]
    public void What_is_stale_or_of_another_lap_is_nothing(ushort flags)
    {
        Descriptor(0, _data, 16, flags);
        var queue = Open();
        Assert.False(queue.HasWork);
        Assert.Equal(TakeResult.Empty, queue.Take(_chain));
    }

    [Theory]
    [InlineData(0UL, 16u)]                                  // below the memory
    [InlineData(SharedGuest.Base + (1 << 16), 1u)]          // right behind it
    [InlineData(SharedGuest.Base + (1 << 16) - 1, 2u)]      // half behind it
    [InlineData(SharedGuest.Base - 1, 2u)]                  // half before it
    [InlineData(ulong.MaxValue - 7, 16u)]                   // overflows 64 bits
    [InlineData(SharedGuest.Base, uint.MaxValue)]
    public void CVE_2020_10725_a_buffer_outside_the_memory(ulong address, uint length)
    {
        Descriptor(0, address, length, Available);
        Breaks(QueueFault.BufferOutsideMemory);
    }

    [Fact]
    public void CVE_2016_6490_a_buffer_without_a_byte()
    {
        Descriptor(0, _data, 0, Available);
        Breaks(QueueFault.BufferEmpty);
    }

    [Fact]
    public void Readable_where_writable_came_first()
    {
        Descriptor(0, _data, 16, Available | Next | PackedDriverQueue.Write);
        Descriptor(1, _data, 16, Available);
        Breaks(QueueFault.ReadableAfterWritable);
    }

    [Fact]
    public void Indirect_in_indirect()
    {
        Descriptor(0, _data, 32, Available | PackedDriverQueue.Indirect);
        _driver.SetDescriptor(_data, 0, _data, 32, 0, PackedDriverQueue.Indirect);
        Breaks(QueueFault.IndirectInIndirect);
    }

    [Fact]
    public void Indirect_with_a_next()
    {
        Descriptor(0, _data, 32, Available | Next | PackedDriverQueue.Indirect);
        Breaks(QueueFault.IndirectWithNext);
    }

    [Fact]
    public void Indirect_that_was_never_agreed_on()
    {
        Descriptor(0, _data, 32, Available | PackedDriverQueue.Indirect);
        Breaks(QueueFault.IndirectNotNegotiated, mayBeIndirect: false);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(15u)]
    [InlineData(17u)]
    [InlineData(1u << 20)]
    public void An_indirect_table_of_no_good_length(uint length)
    {
        Descriptor(0, _data, length, Available | PackedDriverQueue.Indirect);
        Breaks(QueueFault.IndirectTableInvalid);
    }

    [Fact]
    public void An_indirect_table_longer_than_the_queue()
    {
        Descriptor(0, _data, 16 * (Size + 1), Available | PackedDriverQueue.Indirect);
        for (var i = 0; i <= Size; i++)
        {
            _driver.SetDescriptor(_data, i, _data, 16, 0, 0);
        }

        Breaks(QueueFault.ChainTooLong);
    }

    /// <summary>The ring is full of what is in flight, and its driver offers more in the next lap: over ids that are in use, or over used ones it hasn't seen.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CVE_2016_5403_more_is_offered_than_the_ring_has(bool completed)
    {
        for (var i = 0; i < Size; i++)
        {
            Descriptor(i, _data, 16, Available);
        }

        var queue = Open();
        for (var i = 0; i < Size; i++)
        {
            Assert.Equal(TakeResult.Taken, queue.Take(_chain));
            if (completed)
            {
                queue.Complete(_chain.Head, 0);
            }
        }

        Assert.Equal(TakeResult.Empty, queue.Take(_chain));
        Descriptor(0, _data, 16, Used);
        Assert.Equal(TakeResult.Broken, queue.Take(_chain));
        Assert.Equal(QueueFault.HeadInFlight, queue.Fault);
    }

    /// <summary>Ids are the driver's business: two chains with one id come back as two.</summary>
    [Fact]
    public void An_id_that_is_used_twice_or_is_none_harms_only_its_driver()
    {
        Descriptor(0, _data, 16, Available, id: 0xFFFF);
        Descriptor(1, _data, 16, Available, id: 0xFFFF);
        var queue = Open();
        Assert.Equal(TakeResult.Taken, queue.Take(_chain));
        var first = _chain.Head;
        Assert.Equal(TakeResult.Taken, queue.Take(_chain));
        Assert.NotEqual(first, _chain.Head);
        queue.Complete(_chain.Head, 0);
        queue.Complete(first, 0);
        Assert.True(queue.Publish());
        Assert.Equal((Available | Used, Available | Used), (_driver.FlagsAt(0), _driver.FlagsAt(1)));
    }

    [Theory]
    [InlineData(0x7FFF, 2)]    // behind the ring
    [InlineData(0xFFFF, 2)]
    [InlineData(0, 3)]         // reserved
    [InlineData(0, 0xFFFF)]
    public void A_wish_that_means_nothing_is_one_for_every_notification(ushort place, ushort flags)
    {
        var queue = Open(eventIndex: true);
        (_driver.DriverEvent, _driver.DriverEventFlags) = (place, flags);
        for (var i = 0; i < 3; i++)
        {
            Descriptor(i, _data, 16, Available);
            Assert.Equal(TakeResult.Taken, queue.Take(_chain));
            queue.Complete(_chain.Head, 0);
            Assert.True(queue.Publish());
        }
    }

    [Theory]
    [InlineData(0x8008_8008u)]
    [InlineData(0x7FFFu)]
    [InlineData(0xFFFF_FFFFu)]
    public void A_place_that_no_ring_has(uint position)
    {
        Assert.Null(Virtqueue.TryOpen(_memory, _driver.Place, new QueueFeatures(true, false, Packed: true), position, null, out var fault));
        Assert.Equal(QueueFault.PositionUnknown, fault);
    }

    /// <summary>A front-end that knows no wrap counters says 0: a new ring begins in its first lap, one that was gone round once in its second.</summary>
    [Theory]
    [InlineData(Available, 0x8000_8000u)]
    [InlineData(0, 0x8000_8000u)]
    [InlineData(Used, 0u)]
    [InlineData(Available | Used, 0u)]
    public void A_ring_tells_its_lap_where_nobody_else_does(ushort flags, uint expected)
    {
        Descriptor(0, _data, 16, flags);
        Assert.Equal(expected, Open(position: 0).Position);
    }

    [Theory]
    [InlineData(0, 0UL, 0UL, 0UL, QueueFault.SizeInvalid)]
    [InlineData(2048, 0UL, 0UL, 0UL, QueueFault.SizeInvalid)]
    [InlineData(8, 8UL, 0UL, 0UL, QueueFault.RingUnaligned)]
    [InlineData(8, 0UL, 2UL, 0UL, QueueFault.RingUnaligned)]
    [InlineData(8, 0UL, 0UL, 2UL, QueueFault.RingUnaligned)]
    [InlineData(8, 0xFFFFFFFFFFFFFFF0UL, 0UL, 0UL, QueueFault.RingOutsideMemory)]
    [InlineData(1024, (1UL << 16) - 16, 0UL, 0UL, QueueFault.RingOutsideMemory)]
    [InlineData(1024, 0UL, 1UL << 16, 0UL, QueueFault.RingOutsideMemory)]
    [InlineData(8, 0UL, 0UL, 1UL << 63, QueueFault.RingOutsideMemory)]
    internal void A_ring_in_no_good_place(ushort size, ulong descriptors, ulong driver, ulong device, QueueFault expected)
    {
        var place = new QueuePlace(size, SharedGuest.Base + descriptors, SharedGuest.Base + driver, SharedGuest.Base + device);
        Assert.Null(Virtqueue.TryOpen(_memory, place, new QueueFeatures(true, true, Packed: true), 0x8000_8000, null, out var fault));
        Assert.Equal(expected, fault);
    }

    /// <summary>Whatever bytes the ring holds: no exception, no piece outside the memory, no more work than the ring has entries.</summary>
    [Fact]
    public void Any_ring_at_all() => Gen.Int.Holds(seed =>
    {
        var random = new Random(seed);
        for (var i = 0; i < Size; i++)
        {
            Descriptor(
                i, SharedGuest.Base + (ulong)random.Next(1 << 17), (uint)random.Next(1 << random.Next(1, 24)),
                (ushort)(random.Next(8) | (random.Next(8) > 0 ? Available : random.Next(1 << 16))), (ushort)random.Next(1 << 16));
        }

        var queue = Open(mayBeIndirect: random.Next(2) == 0);
        var start = _memory.Translate(SharedGuest.Base, 1);
        var taken = 0;
        while (queue.Take(_chain) is TakeResult.Taken)
        {
            taken++;
            foreach (var piece in (Orchestrator.Hypervisor.Interop.IoVector[])[.. _chain.Readable, .. _chain.Writable])
            {
                if (piece.Length == 0 || piece.Start < start || piece.Start + piece.Length > start + _guest.Bytes)
                {
                    return false;
                }
            }
        }

        return taken <= Size && queue.InFlight == taken;
    }, iter: 20_000, threads: 1);

    private void Descriptor(int index, ulong address, uint length, ushort flags, ushort id = 0) =>
        _driver.SetDescriptor(_driver.Place.Descriptors, index, address, length, id, flags);

    private Virtqueue Open(bool mayBeIndirect = true, bool eventIndex = false, uint position = 0x8000_8000) =>
        Virtqueue.TryOpen(_memory, _driver.Place, new QueueFeatures(mayBeIndirect, eventIndex, Packed: true), position, null, out _)!;

    private void Breaks(QueueFault expected, bool mayBeIndirect = true)
    {
        var queue = Open(mayBeIndirect);
        Assert.Equal(TakeResult.Broken, queue.Take(_chain));
        Assert.Equal(expected, queue.Fault);
    }
}
