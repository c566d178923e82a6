using System.Runtime.InteropServices;
using CsCheck;
using Orchestrator.Hypervisor.Memory;
using Orchestrator.Hypervisor.Rings.Queues;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Hypervisor.Tests.Rings.Queues;

/// <summary>What a queue's successor finds after a kill: exactly the chains that the driver has not seen used, in their old order.</summary>
public sealed unsafe class InflightLogTests
{
    private const ushort Size = 8;

    [Fact]
    public void A_kill_between_any_two_steps_loses_nothing_and_repeats_nothing() =>
        Gen.Int[0, 4].Array[1, 200].Holds(steps => Run(steps), iter: 2000);

    private static bool Run(int[] steps)
    {
        using var guest = new SharedGuest(1 << 16);
        var memory = guest.MapAsDevice();
        using var chain = new DescriptorChain();
        var driver = new DriverQueue(guest, Size, eventIndex: false);
        var data = guest.Allocate(64);
        var region = (byte*)NativeMemory.AllocZeroed((nuint)InflightLog.BytesOf(Size));
        var device = Open(memory, driver, region);
        List<ushort> offered = [];
        List<ushort> taken = [];
        foreach (var step in steps)
        {
            switch (step)
            {
                case 0 when driver.FreeDescriptors > 0:
                    offered.Add(driver.Add(new DriverBuffer(data, 64, true)));
                    driver.Expose();
                    break;
                case 1 when device.Take(chain) is TakeResult.Taken:
                    taken.Add(chain.Head);
                    break;
                case 2 when taken.Count > 0:
                    // Out of order: the newest first.
                    device.Complete(taken[^1], 64);
                    taken.RemoveAt(taken.Count - 1);
                    break;
                case 3:
                    device.Publish();
                    break;
                case 4:
                    // What was completed and never shown is done again.
                    taken.Clear();
                    device = Open(memory, driver, region);
                    break;
            }

            while (driver.TryCollect(out var head, out var written))
            {
                if (!offered.Remove(head) || written != 64)
                {
                    return false;
                }
            }
        }

        // The last of us does all that is left: each once, oldest first.
        device = Open(memory, driver, region);
        List<ushort> left = [];
        while (device.Take(chain) is TakeResult.Taken)
        {
            left.Add(chain.Head);
            device.Complete(chain.Head, 64);
        }

        device.Publish();
        memory.Release();
        NativeMemory.Free(region);
        return left.SequenceEqual(offered) && device.Fault is QueueFault.None;
    }

    /// <summary>Killed after the driver could see a batch and before it was struck off.</summary>
    [Fact]
    public void A_batch_that_was_shown_is_not_done_again()
    {
        using var guest = new SharedGuest(1 << 16);
        var memory = guest.MapAsDevice();
        using var chain = new DescriptorChain();
        var driver = new DriverQueue(guest, Size, eventIndex: false);
        var data = guest.Allocate(64);
        var region = (byte*)NativeMemory.AllocZeroed((nuint)InflightLog.BytesOf(Size));
        var device = Open(memory, driver, region);
        for (var i = 0; i < 5; i++)
        {
            driver.Add(new DriverBuffer(data, 64, true));
        }

        driver.Expose();
        List<ushort> heads = [];
        while (device.Take(chain) is TakeResult.Taken)
        {
            heads.Add(chain.Head);
        }

        heads[..3].ForEach(head => device.Complete(head, 1));
        driver.UsedIndex = 3;

        var successor = Open(memory, driver, region);
        Assert.Equal(TakeResult.Taken, successor.Take(chain));
        Assert.Equal(heads[3], chain.Head);
        Assert.Equal(TakeResult.Taken, successor.Take(chain));
        Assert.Equal(heads[4], chain.Head);
        Assert.Equal(TakeResult.Empty, successor.Take(chain));
        memory.Release();
        NativeMemory.Free(region);
    }

    /// <summary>The front-end has the region too.</summary>
    [Fact]
    public void Any_region_at_all() => Gen.Select(Gen.Byte.Array[(int)InflightLog.BytesOf(Size)], Gen.UShort).Holds((bytes, used) =>
    {
        using var guest = new SharedGuest(1 << 16);
        var memory = guest.MapAsDevice();
        using var chain = new DescriptorChain();
        var driver = new DriverQueue(guest, Size, eventIndex: false) { UsedIndex = used };
        bytes[8] = 1; // so that it is believed
        bytes[9] = 0;
        bytes[10] = (byte)Size;
        bytes[11] = 0;
        fixed (byte* region = bytes)
        {
            var queue = Open(memory, driver, region);
            var taken = 0;
            while (queue.Take(chain) is TakeResult.Taken)
            {
                taken++;
            }

            memory.Release();
            return taken <= Size;
        }
    }, iter: 2000);

    private static SplitQueue Open(GuestMemory memory, DriverQueue driver, byte* region) =>
        SplitQueue.TryOpen(memory, driver.Place, default, null, new InflightLog(region, Size), out _)!;
}
