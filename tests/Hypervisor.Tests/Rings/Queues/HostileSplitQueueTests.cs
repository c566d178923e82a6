using CsCheck;
using Orchestrator.Hypervisor.Memory;
using Orchestrator.Hypervisor.Rings.Queues;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Hypervisor.Tests.Rings.Queues;

/// <summary>What a guest may write into its split rings to harm us; each breaks its own queue, by name, and reaches nothing else.</summary>
public sealed unsafe class HostileSplitQueueTests : IDisposable
{
    private const ushort Size = 8;

    private readonly SharedGuest _guest = new(1 << 16);
    private readonly GuestMemory _memory;
    private readonly DescriptorChain _chain = new();
    private readonly DriverQueue _driver;
    private readonly ulong _data;

    public HostileSplitQueueTests()
    {
        _memory = _guest.MapAsDevice();
        _driver = new DriverQueue(_guest, Size, eventIndex: false);
        _data = _guest.Allocate(4096);
    }

    public void Dispose()
    {
        _chain.Dispose();
        _memory.Release();
        _guest.Dispose();
    }

    [Fact]
    public void A_loop_ends()
    {
        Descriptor(0, _data, 16, DriverQueue.Next, 1);
        Descriptor(1, _data, 16, DriverQueue.Next, 0);
        Breaks(QueueFault.ChainTooLong);
    }

    [Fact]
    public void A_descriptor_that_follows_itself_ends()
    {
        Descriptor(0, _data, 16, DriverQueue.Next, 0);
        Breaks(QueueFault.ChainTooLong);
    }

    [Fact]
    public void A_chain_as_long_as_the_queue_is_taken()
    {
        for (ushort i = 0; i < Size; i++)
        {
            Descriptor(i, _data, 16, (ushort)(i == Size - 1 ? 0 : DriverQueue.Next), (ushort)(i + 1));
        }

        Expose(0);
        Assert.Equal(TakeResult.Taken, Open().Take(_chain));
        Assert.Equal(Size, _chain.ReadableCount);
    }

    [Theory]
    [InlineData(Size)]
    [InlineData(0xFFFF)]
    public void A_head_out_of_range(ushort head) => Breaks(QueueFault.HeadOutOfRange, head);

    [Theory]
    [InlineData(Size)]
    [InlineData(0xFFFF)]
    public void A_next_out_of_range(ushort next)
    {
        Descriptor(0, _data, 16, DriverQueue.Next, next);
        Breaks(QueueFault.NextOutOfRange);
    }

    [Theory]
    [InlineData(0UL, 16u)]                                  // below the memory
    [InlineData(SharedGuest.Base + (1 << 16), 1u)]          // right behind it
    [InlineData(SharedGuest.Base + (1 << 16) - 1, 2u)]      // half behind it
    [InlineData(SharedGuest.Base - 1, 2u)]                  // half before it
    [InlineData(ulong.MaxValue, 1u)]
    [InlineData(ulong.MaxValue - 7, 16u)]                   // overflows 64 bits
    [InlineData(SharedGuest.Base, uint.MaxValue)]
    public void CVE_2019_18960_a_buffer_outside_the_memory(ulong address, uint length)
    {
        Descriptor(0, address, length, 0, 0);
        Breaks(QueueFault.BufferOutsideMemory);
    }

    [Fact]
    public void CVE_2016_6490_a_buffer_without_a_byte()
    {
        Descriptor(0, _data, 0, 0, 0);
        Breaks(QueueFault.BufferEmpty);
    }

    [Fact]
    public void Readable_where_writable_came_first()
    {
        Descriptor(0, _data, 16, DriverQueue.Next | DriverQueue.Write, 1);
        Descriptor(1, _data, 16, 0, 0);
        Breaks(QueueFault.ReadableAfterWritable);
    }

    [Fact]
    public void Indirect_in_indirect()
    {
        Descriptor(0, _data, 32, DriverQueue.Indirect, 0);
        _driver.SetDescriptor(_data, 0, _data, 32, DriverQueue.Indirect, 0);
        Breaks(QueueFault.IndirectInIndirect);
    }

    [Fact]
    public void Indirect_with_a_next()
    {
        Descriptor(0, _data, 32, DriverQueue.Indirect | DriverQueue.Next, 1);
        Breaks(QueueFault.IndirectWithNext);
    }

    [Fact]
    public void Indirect_that_was_never_agreed_on()
    {
        Descriptor(0, _data, 32, DriverQueue.Indirect, 0);
        Breaks(QueueFault.IndirectNotNegotiated, mayBeIndirect: false);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(15u)]
    [InlineData(17u)]
    [InlineData(1u << 20)]
    public void An_indirect_table_of_no_good_length(uint length)
    {
        Descriptor(0, _data, length, DriverQueue.Indirect, 0);
        Breaks(QueueFault.IndirectTableInvalid);
    }

    [Fact]
    public void An_indirect_table_that_loops()
    {
        Descriptor(0, _data, 32, DriverQueue.Indirect, 0);
        _driver.SetDescriptor(_data, 0, _data, 16, DriverQueue.Next, 1);
        _driver.SetDescriptor(_data, 1, _data, 16, DriverQueue.Next, 0);
        Breaks(QueueFault.ChainTooLong);
    }

    [Theory]
    [InlineData(Size + 1)]
    [InlineData(0x8000)]
    [InlineData(0xFFFF)]
    public void An_available_index_that_jumps(ushort index)
    {
        Descriptor(0, _data, 16, 0, 0);
        _driver.AvailableIndex = index;
        Assert.Equal(QueueFault.AvailIndexJumped, Fault(Open()));
    }

    [Fact]
    public void CVE_2016_5403_a_chain_made_available_before_it_was_used()
    {
        Descriptor(0, _data, 16, 0, 0);
        Expose(0, 0);
        var queue = Open();
        Assert.Equal(TakeResult.Taken, queue.Take(_chain));
        Assert.Equal(QueueFault.HeadInFlight, Fault(queue));
    }

    [Fact]
    public void A_broken_queue_stays_broken()
    {
        Descriptor(0, _data, 0, 0, 0);
        Expose(0);
        var queue = Open();
        Assert.Equal(TakeResult.Broken, queue.Take(_chain));
        Descriptor(0, _data, 16, 0, 0);
        Assert.Equal(TakeResult.Broken, queue.Take(_chain));
        Assert.Equal(QueueFault.BufferEmpty, queue.Fault);
    }

    [Theory]
    [InlineData(0, 0UL, 0UL, 0UL, QueueFault.SizeInvalid)]
    [InlineData(7, 0UL, 0UL, 0UL, QueueFault.SizeInvalid)]
    [InlineData(2048, 0UL, 0UL, 0UL, QueueFault.SizeInvalid)]
    [InlineData(8, 8UL, 0UL, 0UL, QueueFault.RingUnaligned)]
    [InlineData(8, 0UL, 1UL, 0UL, QueueFault.RingUnaligned)]
    [InlineData(8, 0UL, 0UL, 2UL, QueueFault.RingUnaligned)]
    [InlineData(8, 0xFFFFFFFFFFFFFFF0UL, 0UL, 0UL, QueueFault.RingOutsideMemory)]
    [InlineData(1024, (1UL << 16) - 16, 0UL, 0UL, QueueFault.RingOutsideMemory)]
    [InlineData(1024, 0UL, (1UL << 16) - 16, 0UL, QueueFault.RingOutsideMemory)]
    [InlineData(1024, 0UL, 0UL, (1UL << 16) - 16, QueueFault.RingOutsideMemory)]
    [InlineData(8, 0UL, 0UL, 1UL << 63, QueueFault.RingOutsideMemory)]
    internal void A_ring_in_no_good_place(ushort size, ulong descriptors, ulong driver, ulong device, QueueFault expected)
    {
        var place = new QueuePlace(size, SharedGuest.Base + descriptors, SharedGuest.Base + driver, SharedGuest.Base + device);
        Assert.Null(SplitQueue.TryOpen(_memory, place, default, 0, null, out var fault));
        Assert.Equal(expected, fault);
    }

    /// <summary>Whatever bytes the rings hold: no exception, no piece outside the memory, no more work than the queue has entries.</summary>
    [Fact]
    public void Any_ring_at_all() => Gen.Select(Gen.Byte.Array[16 * Size + 6 + 2 * Size], Gen.Int[0, 3], Gen.Int).Holds((bytes, kind, seed) =>
    {
        var random = new Random(seed);
        bytes.AsSpan(0, 16 * Size).CopyTo(_guest[_driver.Place.Descriptors, 16 * Size]);
        bytes.AsSpan(16 * Size).CopyTo(_guest[_driver.Place.Driver, 6 + (2 * Size)]);
        for (var i = 0; kind > 0 && i < Size; i++)
        {
            // Random bytes alone hardly get past the first check; these get deeper.
            Descriptor(
                i, SharedGuest.Base + (ulong)random.Next(1 << 17), (uint)random.Next(1 << (kind * 8)), (ushort)random.Next(8), (ushort)random.Next(Size + 1));
            _driver.AvailableEntry(i) = (ushort)random.Next(Size + 1);
            _driver.AvailableIndex = (ushort)random.Next(Size + 2);
        }

        _driver.UsedIndex = 0;
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

    private void Descriptor(int index, ulong address, uint length, ushort flags, ushort next) =>
        _driver.SetDescriptor(_driver.Place.Descriptors, index, address, length, flags, next);

    private void Expose(params ReadOnlySpan<ushort> heads)
    {
        foreach (var head in heads)
        {
            _driver.Offer(head);
        }

        _driver.Expose();
    }

    private SplitQueue Open(bool mayBeIndirect = true) =>
        SplitQueue.TryOpen(_memory, _driver.Place, new QueueFeatures(mayBeIndirect, EventIndex: false), 0, null, out _)!;

    private QueueFault Fault(SplitQueue queue)
    {
        Assert.Equal(TakeResult.Broken, queue.Take(_chain));
        return queue.Fault;
    }

    private void Breaks(QueueFault expected, ushort head = 0, bool mayBeIndirect = true)
    {
        Expose(head);
        Assert.Equal(expected, Fault(Open(mayBeIndirect)));
    }
}
