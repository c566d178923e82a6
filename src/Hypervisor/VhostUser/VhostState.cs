using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>What a front-end has said about one queue.</summary>
internal sealed class VhostQueueState
{
    public ushort Size { get; set; }

    /// <summary>The front-end's own addresses of the three parts.</summary>
    public (ulong Descriptors, ulong Driver, ulong Device) Addresses { get; set; }

    /// <summary>The guest's address of what we write of the ring, if that is to be logged.</summary>
    public ulong? LogAddress { get; set; }

    /// <summary>As <see cref="Rings.Queues.Virtqueue.Position"/>.</summary>
    public uint Position { get; set; }

    public bool IsEnabled { get; set; }

    public SafeFileHandle? Kick { get; set; }

    public SafeFileHandle? Call { get; set; }

    public SafeFileHandle? Error { get; set; }

    public void Forget()
    {
        Kick?.Dispose();
        Call?.Dispose();
        Error?.Dispose();
        (Kick, Call, Error, IsEnabled, Position) = (null, null, null, false, 0);
    }
}

/// <summary>A file of guest memory and where it lies.</summary>
internal sealed record VhostRegion(RegionPlace Place, SafeFileHandle File);

/// <summary>A bit for each page of the guest that a device has written, shared with an engine that migrates it.</summary>
internal sealed record VhostLog(SafeFileHandle File, ulong Bytes, ulong Offset);

/// <summary>The memory in which requests outlive us, as the front-end has handed it over or as we have made it.</summary>
internal sealed record VhostInflight(SafeFileHandle File, ulong Bytes, ulong Offset, ushort QueueCount, ushort QueueSize, bool IsOurs = false);

/// <summary>
/// All that a conversation has led to: with it and its descriptors another dom0 could go on in the middle. Words and descriptors only;
/// what is made of them (mappings, rings) is <see cref="VhostSession"/>'s.
/// </summary>
internal sealed class VhostState : IDisposable
{
    public VhostState(int queueCount)
    {
        Queues = [.. Enumerable.Range(0, queueCount).Select(_ => new VhostQueueState())];
    }

    public ulong Features { get; set; }

    public ulong ProtocolFeatures { get; set; }

    public List<VhostRegion> Regions { get; } = [];

    public IReadOnlyList<VhostQueueState> Queues { get; }

    public VhostInflight? Inflight { get; set; }

    public VhostLog? Log { get; set; }

    public SafeFileHandle? LogCall { get; set; }

    public SafeFileHandle? BackendChannel { get; set; }

    public bool Has(ulong protocolFeature) => (ProtocolFeatures & protocolFeature) != 0;

    public void Dispose()
    {
        Regions.ForEach(region => region.File.Dispose());
        foreach (var queue in Queues)
        {
            queue.Forget();
        }

        Inflight?.File.Dispose();
        Log?.File.Dispose();
        LogCall?.Dispose();
        BackendChannel?.Dispose();
    }
}
