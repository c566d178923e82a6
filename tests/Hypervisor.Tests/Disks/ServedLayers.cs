using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Disks;
using Orchestrator.Hypervisor.Disks.Serving;
using Orchestrator.Hypervisor.Disks.Store;
using Orchestrator.Hypervisor.Rings.Device;
using Orchestrator.Hypervisor.VhostUser;

namespace Orchestrator.Hypervisor.Tests.Disks;

/// <summary>A disk of a store behind a socket, served by a loop as dom0 does it.</summary>
internal sealed class ServedLayers : IAsyncDisposable
{
    private readonly string _folder;
    private readonly DeviceLoop _loop = new(NullLogger<DeviceLoop>.Instance, DeviceRingSize.Default(Stopwatch.Frequency));
    private readonly TaskCompletionSource _closed = new();
    private readonly BlockDevice _device;
    private readonly VhostPort _port;

    public ServedLayers(string folder, DiskStore store, string name)
    {
        _folder = folder;
        var disk = store.Open(name);
        void Close()
        {
            store.Close(name, disk);
            _closed.SetResult();
        }

        _device = _loop.AskAsync(() =>
            new BlockDevice(_loop, NullLogger.Instance, name, new LayeredDisk(_loop, disk, isReadOnly: false, Close), name, 2, DomainLimits.None)).Result;
        _port = VhostPort.Open(Socket, _device, new VhostPeer(0, 1 << 30), mailbox: null, NullLogger.Instance);
    }

    public string Socket => Path.Combine(_folder, "disk.sock");

    public BlockFigures Figures => _device.Figures;

    public async ValueTask DisposeAsync()
    {
        await _port.CloseAsync();
        await _loop.AskAsync(() =>
        {
            _device.Dispose();
            return true;
        });
        await _closed.Task;
        _loop.Dispose();
    }
}
