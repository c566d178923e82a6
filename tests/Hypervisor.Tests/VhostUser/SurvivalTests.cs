using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Memory;
using Orchestrator.Hypervisor.Tests.FrontEnd;
using Orchestrator.Hypervisor.VhostUser;

namespace Orchestrator.Hypervisor.Tests.VhostUser;

/// <summary>What an engine has parked for the next dom0, and what that one makes of it.</summary>
public sealed class SurvivalTests
{
    private const int Queues = 2;

    /// <summary>Servers come and go without a word while requests are in flight; the front-end notices nothing but the time it takes.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task No_request_is_lost_and_none_answered_twice_over_many_restarts(bool inMemory, bool packed)
    {
        const int Blocks = 4096;
        using var mailbox = VhostMailbox.Create();
        await using var disk = new ServedDisk(Blocks * 4096, inMemory, Queues, mailbox: mailbox);
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape(Queues) { IsPacked = packed });
        var answered = new int[Blocks];
        using var restarted = new ManualResetEventSlim();
        var writing = Task.WhenAll(Enumerable.Range(0, Queues).Select(index => Task.Run(() => Write(guest.Queues[index], index, answered, restarted))));
        for (var restarts = 0; restarts < 10 && !writing.IsCompleted; restarts++)
        {
            disk.Restart();
            restarted.Set();
        }

        await writing;
        Assert.Equal(-1, answered.AsSpan().IndexOfAnyExcept(1));
        var content = disk.Content();
        for (var block = 0; block < Blocks; block++)
        {
            Assert.Equal(-1, content.AsSpan(block * 4096, 4096).IndexOfAnyExcept((byte)(1 + (block % 251))));
        }
    }

    [Fact]
    public void The_newest_state_counts_and_stays_until_it_is_replaced()
    {
        using var mailbox = VhostMailbox.Create();
        using var connection = Events.Create();
        using var memory = SharedMemory.Create("guest", 4096);
        using var state = new VhostState(Queues) { Features = 5, ProtocolFeatures = 7 };
        state.Regions.Add(new VhostRegion(new RegionPlace(1, 2, 3, 4), Descriptors.Duplicate(memory)));
        state.Queues[1].Kick = Events.Create();
        state.Queues[1].Addresses = (10, 11, 12);
        for (var generation = 0; generation < 20; generation++)
        {
            state.Queues[1].Size = (ushort)generation;
            Assert.True(mailbox.Save(state, connection));
        }

        for (var successor = 0; successor < 3; successor++)
        {
            using var next = VhostMailbox.Reopen(Descriptors.Duplicate(mailbox.Socket));
            var loaded = next.Load(Queues);
            Assert.True(loaded.HasValue);
            using (loaded.Value.State)
            using (loaded.Value.Connection)
            {
                Assert.Equal((5ul, 7ul, 19), (loaded.Value.State.Features, loaded.Value.State.ProtocolFeatures, loaded.Value.State.Queues[1].Size));
                Assert.Equal((10ul, 11ul, 12ul), loaded.Value.State.Queues[1].Addresses);
                Assert.Equal(new RegionPlace(1, 2, 3, 4), loaded.Value.State.Regions[0].Place);
                Assert.Equal(DescriptorKind.Event, Descriptors.KindOf(loaded.Value.State.Queues[1].Kick!));
                Assert.Null(loaded.Value.State.Queues[0].Kick);
            }
        }

        mailbox.Clear();
        Assert.Null(VhostMailbox.Reopen(Descriptors.Duplicate(mailbox.Socket)).Load(Queues));
    }

    /// <summary>The engine has the mailbox too: what it puts there may cost it its device, and nobody anything else.</summary>
    [Fact]
    public async Task What_an_engine_forges_is_refused()
    {
        using var mailbox = VhostMailbox.Create();
        using var file = SharedMemory.Create("hostile", 8192);
        using var connection = Events.Create();
        using var state = new VhostState(1) { Features = 1UL << 32 };
        state.Regions.Add(new VhostRegion(new RegionPlace(0, 1 << 30, 0, 0), Descriptors.Duplicate(file)));
        state.Queues[0].Kick = Descriptors.Duplicate(file);
        var forged = VhostStateFormat.Write(state, 1, []);
        var random = new Random(3);
        for (var i = 0; i < 300; i++)
        {
            // Too short, too few descriptors, bytes of nothing, a state that makes no sense.
            var bytes = forged.ToArray();
            if (i > 0)
            {
                random.NextBytes(bytes.AsSpan(random.Next(bytes.Length)));
                bytes = bytes[..random.Next(bytes.Length + 1)];
            }

            UnixSockets.TrySend(mailbox.Socket, bytes, i % 2 == 0 ? [connection, file, file] : []);
            await using var disk = new ServedDisk(1 << 20, inMemory: true, mailbox: VhostMailbox.Reopen(Descriptors.Duplicate(mailbox.Socket)));
            using var next = new BlockFrontEnd(disk.Socket, new BlockShape());
            Assert.Equal(0, next.Queues[0].Run(BlockDriver.In, 0, 4096));
        }
    }

    /// <summary>The second half begins after the first restart: however fast the disk is, one falls into the writing.</summary>
    private static void Write(BlockDriver queue, int first, int[] answered, ManualResetEventSlim restarted)
    {
        const int Depth = 32;
        var (next, inFlight) = (first, 0);
        var free = new Stack<int>(Enumerable.Range(0, Depth));
        var blockOf = new int[Depth];
        while (next < answered.Length || inFlight > 0)
        {
            while (next < answered.Length && free.TryPop(out var slot))
            {
                if (next >= answered.Length / 2)
                {
                    restarted.Wait();
                }

                queue.Data(slot).Fill((byte)(1 + (next % 251)));
                queue.Offer(slot, BlockDriver.Out, (ulong)next * 8, 4096);
                blockOf[slot] = next;
                next += Queues;
                inFlight++;
            }

            queue.Expose();
            queue.Wait();
            while (queue.TryCollect(out var slot, out var status))
            {
                Assert.Equal(0, status);
                answered[blockOf[slot]]++;
                free.Push(slot);
                inFlight--;
            }
        }
    }
}
