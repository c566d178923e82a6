using System.Diagnostics;
using Orchestrator.Hypervisor.Memory;
using Orchestrator.Hypervisor.Rings.Queues;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Hypervisor.Tests.Rings.Queues;

/// <summary>A guest that changes its rings between the device's check and its use, from another processor.</summary>
public sealed unsafe class ChangingRingTests
{
    private const ushort Size = 16;
    private const int Takes = 5_000;
    private const int Breaks = 500;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private const int MemoryBytes = 1 << 16;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CVE_2015_8550_no_piece_is_ever_outside_the_memory(bool packed)
    {
        using var guest = new SharedGuest(MemoryBytes);
        var memory = guest.MapAsDevice();
        using var chain = new DescriptorChain();
        var ring = DriverRing.Create(guest, Size, hasEventIndex: true, packed);
        using var isOver = new CancellationTokenSource();
        var changing = new Thread(() => Change(guest, ring, isOver.Token));
        changing.Start();
        var start = memory.Translate(SharedGuest.Base, 1);
        var (taken, broken) = (0, 0);
        Virtqueue? queue = null;
        for (var started = Stopwatch.GetTimestamp(); (taken < Takes || broken < Breaks) && Stopwatch.GetElapsedTime(started) < Limit;)
        {
            queue ??= Virtqueue.TryOpen(memory, ring.Place, new QueueFeatures(true, true, packed), packed ? ring.StartPosition : null, null, out _)!;
            switch (queue.Take(chain))
            {
                case TakeResult.Taken:
                    taken++;
                    foreach (var piece in (Orchestrator.Hypervisor.Interop.IoVector[])[.. chain.Readable, .. chain.Writable])
                    {
                        Assert.True(piece.Length > 0 && piece.Start >= start && piece.Start + piece.Length <= start + MemoryBytes);
                    }

                    queue.Complete(chain.Head, chain.WritableBytes);
                    queue.Publish();
                    break;
                case TakeResult.Broken:
                    broken++;
                    queue = null;
                    break;
            }
        }

        isOver.Cancel();
        changing.Join();
        memory.Release();
        Assert.True(taken >= Takes && broken >= Breaks, $"{taken} taken, {broken} broken");
    }

    /// <summary>Each field is good half of the time: what was checked good may be bad when it is used.</summary>
    private static void Change(SharedGuest guest, DriverRing ring, CancellationToken until)
    {
        var random = new Random(1);
        while (!until.IsCancellationRequested)
        {
            var index = random.Next(Size);
            var address = random.Next(8) > 0 ? SharedGuest.Base + (ulong)random.Next(MemoryBytes - 4096) : (ulong)random.NextInt64();
            var length = random.Next(8) > 0 ? (uint)random.Next(1, 256) * 16 : (uint)random.Next();
            if (ring is PackedDriverQueue packed)
            {
                var flags = random.Next(4) > 0 ? random.Next(8) & ~PackedDriverQueue.Indirect : random.Next(8);
                packed.SetDescriptor(
                    ring.Place.Descriptors, index, address, length, (ushort)random.Next(), (ushort)(flags | PackedDriverQueue.Offered(random.Next(2) == 0)));
            }
            else
            {
                var split = (DriverQueue)ring;
                split.SetDescriptor(ring.Place.Descriptors, index, address, length, (ushort)random.Next(4), (ushort)random.Next(Size));
                split.AvailableEntry(random.Next(Size)) = (ushort)random.Next(Size);
                split.AvailableIndex = (ushort)(split.UsedIndex + random.Next(4));
            }
        }
    }
}
