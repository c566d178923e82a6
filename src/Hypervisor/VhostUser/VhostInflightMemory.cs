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

    /// <summary>A new region, all zeros: what it remembers is nothing. There is room for queues of either form.</summary>
    /// <param name="isOurs">No front-end has asked for it.</param>
    public static VhostInflight Create(int queueCount, int queueSize, bool isOurs)
    {
        var bytes = Math.Max(Virtqueue.RecordBytes(queueSize, isPacked: true), Virtqueue.RecordBytes(queueSize, isPacked: false)) * (ulong)queueCount;
        var file = SharedMemory.Create("vhost-inflight", (long)bytes);
        SharedMemory.ForbidShrinking(file);
        return new VhostInflight(file, bytes, 0, (ushort)queueCount, (ushort)queueSize, isOurs);
    }

    /// <exception cref="VhostProtocolException">It can't be one.</exception>
    public static VhostInflightMemory Map(VhostInflight inflight, int mostQueues)
    {
        if (inflight.QueueCount == 0 || inflight.QueueCount > mostQueues || inflight.QueueSize is 0 or > Virtqueue.LargestSize
            || inflight.Bytes < Virtqueue.RecordBytes(inflight.QueueSize, isPacked: false) * inflight.QueueCount || inflight.Offset % 8 != 0)
        {
            throw new VhostProtocolException("an inflight region that fits no queue");
        }

        var region = MappedRegion.TryMap(inflight.File, new RegionPlace(0, inflight.Bytes, 0, inflight.Offset), out var problem)
            ?? throw new VhostProtocolException($"the inflight region: {problem}");
        return new VhostInflightMemory(region, inflight);
    }

    /// <summary>Null if the region has no place for such a queue.</summary>
    public byte* RecordOf(int queue, ushort size, bool isPacked)
    {
        var bytes = Virtqueue.RecordBytes(_inflight.QueueSize, isPacked);
        return queue < _inflight.QueueCount && size <= _inflight.QueueSize && bytes * ((ulong)queue + 1) <= _inflight.Bytes
            ? _region.Start + (bytes * (ulong)queue)
            : null;
    }

    public void Dispose() => _region.Release();
}
