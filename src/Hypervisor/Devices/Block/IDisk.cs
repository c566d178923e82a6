using Orchestrator.Hypervisor.Devices.Loop;

namespace Orchestrator.Hypervisor.Devices.Block;

/// <summary>What a block device stores its bytes on: a raw file, or an overlay on another. Used on one loop's thread.</summary>
internal interface IDisk : IDisposable
{
    /// <summary>A multiple of 512.</summary>
    ulong Bytes { get; }

    bool IsReadOnly { get; }

    /// <summary>Does it, or begins to. It must not wait for a device.</summary>
    void Begin(DeviceLoop loop, DiskRequest request);

    /// <summary>An operation that it put into the loop's ring for this request is complete.</summary>
    void Continue(DeviceLoop loop, DiskRequest request, int result);
}
