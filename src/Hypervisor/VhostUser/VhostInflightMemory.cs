using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Memory;
using Orchestrator.Hypervisor.Rings.Queues;

namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>The mapped inflight region: one log a queue, one after the other.</summary>
internal sealed unsafe class VhostInflightMemory : IDisposable
{
    private readonly MappedRegion _region;
    private readonly VhostInflight _inflight;

    private VhostInflightMemory(MappedRegion region, VhostInflight inflight)
    {
        _region = region;
        _inflight = inflight;
    }

    public bool IsTruncated => _region.IsTruncated;

    /// <summary>A new region, all zeros: what it remembers is nothing.</summary>
    public static VhostInflight Create(int queueCount, int queueSize)
    {
        var bytes = InflightLog.BytesOf(queueSize) * (ulong)queueCount;
        var file = SharedMemory.Create("vhost-inflight", (long)bytes);
        SharedMemory.ForbidShrinking(file);
        return new VhostInflight(file, bytes, 0, (ushort)queueCount, (ushort)queueSize);
    }

    /// <exception cref="VhostProtocolException">It can't be one.</exception>
    public static VhostInflightMemory Map(VhostInflight inflight, int mostQueues)
    {
        if (inflight.QueueCount == 0 || inflight.QueueCount > mostQueues || inflight.QueueSize is 0 or > Virtqueue.LargestSize
            || inflight.Bytes < InflightLog.BytesOf(inflight.QueueSize) * inflight.QueueCount || inflight.Offset % 8 != 0)
        {
            throw new VhostProtocolException("an inflight region that fits no queue");
        }

        var region = MappedRegion.TryMap(inflight.File, new RegionPlace(0, inflight.Bytes, 0, inflight.Offset), out var problem)
            ?? throw new VhostProtocolException($"the inflight region: {problem}");
        return new VhostInflightMemory(region, inflight);
    }

    /// <summary>None if the region has no place for such a queue.</summary>
    public InflightLog? LogOf(int queue, ushort size) => queue < _inflight.QueueCount && size <= _inflight.QueueSize
        ? new InflightLog(_region.Start + (InflightLog.BytesOf(_inflight.QueueSize) * (ulong)queue), size)
        : null;

    public void Dispose() => _region.Release();
}
