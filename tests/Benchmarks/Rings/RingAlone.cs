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
        foreach (var (batch, packed) in ((int, bool)[])[(1, false), (32, false), (1, true), (32, true)])
        {
            var name = $"ring alone, {(packed ? "packed" : "split")}, {batch} a turn, driver and device on one core";
            yield return new Figure(name, Samples.Median(Enumerable.Range(0, Rounds).Select(_ => Run(batch, packed))), "Mops");
        }
    }

    private static unsafe double Run(int batch, bool packed)
    {
        using var guest = new SharedGuest(1 << 20);
        using var chain = new DescriptorChain();
        var memory = guest.MapAsDevice();
        var driver = DriverRing.Create(guest, Size, hasEventIndex: true, packed);
        var device = Virtqueue.TryOpen(memory, driver.Place, new QueueFeatures(true, true, packed), driver.StartPosition, null, out _)!;
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
