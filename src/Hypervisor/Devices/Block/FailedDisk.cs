using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Devices.Block;

/// <summary>What is left of a disk whose files can't be used any more: it answers everything with an error.</summary>
internal sealed class FailedDisk(ulong bytes, bool isReadOnly) : IDisk
{
    public ulong Bytes => bytes;

    public bool IsReadOnly => isReadOnly;

    public void Begin(DeviceLoop loop, DiskRequest request) => request.Finish(BlockFiles.InputOutputError);

    public void Continue(DeviceLoop loop, DiskRequest request, int result)
    {
    }

    public void Dispose()
    {
    }
}
