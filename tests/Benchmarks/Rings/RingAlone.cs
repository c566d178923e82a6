using System.Diagnostics;
using Orchestrator.Benchmarks.Reporting;
using Orchestrator.Hypervisor.Rings.Queues;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Benchmarks.Rings;

/// <summary>From descriptor to completion without a device: a driver and a device on one thread, so many chains a turn.</summary>
internal static class RingAlone
{
    private const ushort Size = 256;
    private const int Turns = 200_000;
    private const int Rounds = 5;

    public static IEnumerable<Figure> Measure()
    {
        foreach (var batch in (int[])[1, 32])
        {
            yield return new Figure($"ring alone, {batch} a turn, driver and device on one core", Samples.Median(Enumerable.Range(0, Rounds).Select(_ => Run(batch))), "Mops");
        }
    }

    private static double Run(int batch)
    {
        using var guest = new SharedGuest(1 << 20);
        using var chain = new DescriptorChain();
        var memory = guest.MapAsDevice();
        var driver = new DriverQueue(guest, Size, eventIndex: true);
        var device = SplitQueue.TryOpen(memory, driver.Place, new QueueFeatures(Indirect: true, EventIndex: true), 0, null, out _)!;
        var data = guest.Allocate(4096);
        var started = Stopwatch.GetTimestamp();
        var turns = Turns / batch * 4;
        for (var turn = 0; turn < turns; turn++)
        {
            for (var i = 0; i < batch; i++)
            {
                driver.Add(new DriverBuffer(data, 16, false), new DriverBuffer(data, 4096, true));
            }

            driver.Expose();
            while (device.Take(chain) is TakeResult.Taken)
            {
                device.Complete(chain.Head, 4096);
            }

            device.Publish();
            while (driver.TryCollect(out _, out _))
            {
            }
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        memory.Release();
        return (double)turns * batch / seconds / 1e6;
    }
}
