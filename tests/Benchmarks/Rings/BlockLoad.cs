using System.Diagnostics;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Benchmarks.Rings;

/// <summary>What is asked of a disk: how, how much at once, and for how long.</summary>
internal readonly record struct BlockPattern(bool Writes, int Bytes, bool IsRandom, int Depth)
{
    public override string ToString() => $"{Bytes / 1024} KiB {(IsRandom ? "random" : "sequential")} {(Writes ? "write" : "read")}, depth {Depth}";
}

internal readonly record struct BlockResult(double OperationsPerSecond, double MedianMicroseconds, double ProcessorMicroseconds);

/// <summary>
/// The load generator of both sides: a front-end that always has so many requests in flight, and sleeps when none is done, as a guest's
/// processor does.
/// </summary>
internal sealed class BlockLoad : IDisposable
{
    private readonly BackEnd _backEnd;
    private readonly BlockFrontEnd _frontEnd;
    private readonly BlockPattern _pattern;
    private readonly ulong _sectors;
    private readonly Random _random = new(1);
    private readonly long[] _begun;
    private ulong _next;

    public BlockLoad(BackEnd backEnd, BlockPattern pattern, long diskBytes)
    {
        _backEnd = backEnd;
        _pattern = pattern;
        _sectors = (ulong)diskBytes / 512;
        _begun = new long[pattern.Depth];
        _frontEnd = new BlockFrontEnd(backEnd.Socket, new BlockShape(1, 128, pattern.Depth, pattern.Bytes) { UsesIndirect = true });
        for (var slot = 0; slot < pattern.Depth; slot++)
        {
            Offer(slot);
        }

        _frontEnd.Queues[0].Expose();
    }

    public BlockResult Measure(TimeSpan time)
    {
        var latencies = new List<long>(1 << 20);
        var processor = _backEnd.ProcessorTime;
        var started = Stopwatch.GetTimestamp();
        long now;
        do
        {
            _frontEnd.Queues[0].Wait();
            now = Stopwatch.GetTimestamp();
            while (_frontEnd.Queues[0].TryCollect(out var slot, out var status))
            {
                if (status != 0)
                {
                    throw new InvalidDataException($"a request was answered with {status}");
                }

                latencies.Add(now - _begun[slot]);
                Offer(slot);
            }

            _frontEnd.Queues[0].Expose();
        }
        while (Stopwatch.GetElapsedTime(started, now) < time);

        var seconds = Stopwatch.GetElapsedTime(started, now).TotalSeconds;
        latencies.Sort();
        return new BlockResult(
            latencies.Count / seconds,
            latencies[latencies.Count / 2] * 1e6 / Stopwatch.Frequency,
            (_backEnd.ProcessorTime - processor).TotalMicroseconds / latencies.Count);
    }

    /// <summary>Lets what is in flight end first: QEMU's daemon aborts when a front-end leaves with requests in flight.</summary>
    public void Dispose()
    {
        for (var left = _pattern.Depth; left > 0;)
        {
            _frontEnd.Queues[0].Wait();
            while (_frontEnd.Queues[0].TryCollect(out _, out _))
            {
                left--;
            }
        }

        _frontEnd.Dispose();
    }

    private void Offer(int slot)
    {
        var span = (ulong)_pattern.Bytes / 512;
        var at = _pattern.IsRandom ? (ulong)_random.NextInt64((long)(_sectors / span)) * span : _next;
        _next = at + span + span <= _sectors ? at + span : 0;
        _begun[slot] = Stopwatch.GetTimestamp();
        _frontEnd.Queues[0].Offer(slot, _pattern.Writes ? BlockDriver.Out : BlockDriver.In, at, _pattern.Bytes);
    }
}
