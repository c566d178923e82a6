using System.Runtime.InteropServices;
using CsCheck;
using Orchestrator.Hypervisor.Memory;
using Orchestrator.Hypervisor.Rings.Queues;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Hypervisor.Tests.Rings.Queues;

/// <summary>What a queue's successor finds after a kill: exactly the chains that the driver has not seen used, in their old order.</summary>
public sealed unsafe class InflightTests
{
    private const ushort Size = 8;
    private const int BufferBytes = 64;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_kill_between_any_two_steps_loses_nothing_and_repeats_nothing(bool packed) =>
        Gen.Select(Gen.Int[0, 4].Array[1, 200], Gen.Int).Holds((steps, seed) => Run(steps, packed, new Random(seed)), iter: 2000);

    private static bool Run(int[] steps, bool packed, Random random)
    {
        using var world = new World(packed);
        List<ushort> offered = [];
        List<(ushort Head, ushort Name)> taken = [];
        Dictionary<ulong, ushort> nameOf = [];
        foreach (var step in steps)
        {
            switch (step)
            {
                case 0 when world.Driver.FreeDescriptors > 2:
                    offered.Add(world.Offer(random.Next(1, 4), out var address));
                    nameOf[address] = offered[^1];
                    world.Driver.Expose();
                    break;
                case 1 when world.TryTake(out var at):
                    taken.Add((world.Chain.Head, nameOf[at]));
                    break;
                case 2 when taken.Count > 0:
                    // Out of order, mostly the newest first.
                    var index = random.Next(3) == 0 ? random.Next(taken.Count) : taken.Count - 1;
                    world.Device.Complete(taken[index].Head, BufferBytes);
                    taken.RemoveAt(index);
                    break;
                case 3:
                    world.Device.Publish();
                    break;
                case 4:
                    // What was completed and never shown is done again.
                    taken.Clear();
                    world.Succeed();
                    break;
            }

            while (world.Driver.TryCollect(out var name, out var written))
            {
                if (!offered.Remove(name) || written != BufferBytes)
                {
                    return false;
                }
            }
        }

        // The last of us does all that is left: each once, oldest first.
        world.Succeed();
        List<ushort> left = [];
        while (world.TryTake(out var at))
        {
            left.Add(nameOf[at]);
            world.Device.Complete(world.Chain.Head, BufferBytes);
        }

        world.Device.Publish();
        List<ushort> collected = [];
        while (world.Driver.TryCollect(out var name, out _))
        {
            collected.Add(name);
        }

        return left.SequenceEqual(offered) && collected.SequenceEqual(left) && world.Device.Fault is QueueFault.None;
    }

    /// <summary>Killed after the driver could see a batch and before it was struck off; the driver may have offered others since.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_batch_that_was_shown_is_not_done_again(bool packed, bool driverWentOn)
    {
        using var world = new World(packed);
        List<ulong> addresses = [];
        for (var i = 0; i < 5; i++)
        {
            world.Offer(1, out var address);
            addresses.Add(address);
        }

        world.Driver.Expose();
        List<ushort> heads = [];
        while (world.TryTake(out _))
        {
            heads.Add(world.Chain.Head);
        }

        heads[..3].ForEach(head => world.Device.Complete(head, 1));
        world.Show(3);
        while (driverWentOn && (world.Driver.TryCollect(out _, out _) || world.Driver.FreeDescriptors == Size - 2))
        {
            for (var i = world.Driver.FreeDescriptors == Size - 2 ? 6 : 0; i > 0; i--)
            {
                world.Offer(1, out var address);
                addresses.Add(address);
            }

            world.Driver.Expose();
        }

        world.Succeed();
        foreach (var address in addresses.Skip(3))
        {
            Assert.True(world.TryTake(out var at));
            Assert.Equal(address, at);
        }

        Assert.False(world.TryTake(out _));
        Assert.Equal(QueueFault.None, world.Device.Fault);
    }

    /// <summary>The front-end has the region too.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_region_at_all(bool packed) => Gen.Select(Gen.Int, Gen.UShort).Holds((seed, used) =>
    {
        var random = new Random(seed);
        using var world = new World(packed);
        random.NextBytes(world.Record);
        var numbers = MemoryMarshal.Cast<byte, ushort>(world.Record);
        (numbers[4], numbers[5]) = (packed ? (ushort)0x5001 : (ushort)1, Size); // so that it is believed
        if (packed)
        {
            // Random bytes alone hardly get past the first check.
            (numbers[6], numbers[7], numbers[8]) = (Near(), Near(), Near());
            for (var slot = 0; slot < Size; slot++)
            {
                var entry = numbers[(32 + (16 * slot))..];
                (entry[0], entry[1], entry[2], entry[3]) = ((ushort)random.Next(2), Near(), (ushort)random.Next(4), Near());
                BitConverter.TryWriteBytes(MemoryMarshal.AsBytes(entry[8..]), SharedGuest.Base + (ulong)random.Next(1 << 17));
                (entry[12], entry[13], entry[15]) = ((ushort)random.Next(3000), 0, (ushort)random.Next(8));
            }
        }
        else
        {
            ((DriverQueue)world.Driver).UsedIndex = used;
        }

        world.Succeed(mayFail: true);
        var taken = 0;
        while (world.TryTake(out _) && world.IsInMemory())
        {
            taken++;
        }

        return taken <= Size;

        ushort Near() => (ushort)(random.Next(Size + 1) | (random.Next(2) << 15));
    }, iter: 3000);

    /// <summary>A guest with one queue, and the record of it that outlives its device.</summary>
    private sealed class World : IDisposable
    {
        private readonly SharedGuest _guest = new(1 << 16);
        private readonly GuestMemory _memory;
        private readonly bool _packed;
        private readonly byte* _record;
        private readonly ulong _data;
        private int _offered;

        public World(bool packed)
        {
            _packed = packed;
            _memory = _guest.MapAsDevice();
            Driver = DriverRing.Create(_guest, Size, hasEventIndex: false, packed);
            _data = _guest.Allocate(64 * BufferBytes);
            _record = (byte*)NativeMemory.AllocZeroed((nuint)Virtqueue.RecordBytes(Size, packed));
            Device = Open(Driver.StartPosition)!;
        }

        public DriverRing Driver { get; }

        public DescriptorChain Chain { get; } = new();

        public Virtqueue Device { get; private set; }

        public Span<byte> Record => new(_record, (int)Virtqueue.RecordBytes(Size, _packed));

        /// <summary>A chain of so many buffers; the first is nobody else's in this ring's length of time.</summary>
        public ushort Offer(int buffers, out ulong address)
        {
            address = _data + (ulong)(_offered++ % 64 * BufferBytes);
            Span<DriverBuffer> chain = stackalloc DriverBuffer[buffers];
            chain.Fill(new DriverBuffer(_data, BufferBytes, true));
            chain[0] = new DriverBuffer(address, BufferBytes, true);
            return Driver.Add(chain);
        }

        public bool TryTake(out ulong address)
        {
            var isTaken = Device.Take(Chain) is TakeResult.Taken;
            address = isTaken && Chain.WritableCount > 0 ? SharedGuest.Base + (ulong)(Chain.Writable[0].Start - _memory.Translate(SharedGuest.Base, 1)) : 0;
            return isTaken;
        }

        public bool IsInMemory()
        {
            var start = _memory.Translate(SharedGuest.Base, 1);
            foreach (var piece in (Orchestrator.Hypervisor.Interop.IoVector[])[.. Chain.Readable, .. Chain.Writable])
            {
                if (piece.Start < start || piece.Start + piece.Length > start + _guest.Bytes)
                {
                    throw new InvalidOperationException("a piece outside the memory");
                }
            }

            return true;
        }

        /// <summary>The device's last store before its end: a batch of so many is the driver's.</summary>
        public void Show(int count)
        {
            if (Driver is PackedDriverQueue ring)
            {
                ring.FlagsAt(0) = PackedDriverQueue.Available | PackedDriverQueue.Used;
            }
            else
            {
                ((DriverQueue)Driver).UsedIndex = (ushort)count;
            }
        }

        public void Succeed(bool mayFail = false) => Device = Open(null) ?? (mayFail ? Device : throw new InvalidOperationException("not opened"));

        public void Dispose()
        {
            Chain.Dispose();
            _memory.Release();
            _guest.Dispose();
            NativeMemory.Free(_record);
        }

        private Virtqueue? Open(uint? position) => Virtqueue.TryOpen(
            _memory, Driver.Place, new QueueFeatures(Indirect: false, EventIndex: false, _packed), position, _record, out _);
    }
}
