using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Disks;
using Orchestrator.Hypervisor.Disks.Layers;
using Orchestrator.Hypervisor.Disks.Serving;

namespace Orchestrator.Hypervisor.Domains.Storage;

/// <summary>A disk of the store while a block device serves it.</summary>
internal sealed class ServedDisk
{
    private readonly DomainDisks _disks;
    private readonly DeviceLoop _loop;
    private readonly string _domain;
    private readonly GuestDisk _spec;
    private OverlayDisk? _disk;
    private Action? _retire;
    private TaskCompletionSource _unused = new();

    private ServedDisk(DomainDisks disks, DeviceLoop loop, string domain, GuestDisk spec, OverlayDisk disk)
    {
        _disks = disks;
        _loop = loop;
        _domain = domain;
        _spec = spec;
        _disk = disk;
    }

    /// <exception cref="DamagedDiskException">One of its files is not what it must be.</exception>
    public static async Task<ServedDisk> OpenAsync(DomainDisks disks, DeviceLoop loop, string domain, GuestDisk spec) =>
        new(disks, loop, domain, spec, await disks.OpenAsync(domain, spec.Name));

    /// <summary>For the device, which owns it. On the loop's thread.</summary>
    public IDisk Serve()
    {
        _unused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var served = new LayeredDisk(_loop, _disk!, _spec.IsReadOnly, _unused.SetResult);
        _retire = served.Dispose;
        return served;
    }

    /// <summary>How many layers it has, and how many bytes its own holds. On the loop's thread.</summary>
    public (int Layers, long StoredBytes) Extent() =>
        _disk is { } disk ? (disk.Chain.Layers.Count, (long)disk.Chain.Top.Map.DataClusters * LayerFormat.ClusterBytes) : (0, 0);

    /// <summary>
    /// A snapshot of what it holds, while its device is held: the device goes on with a new layer on it, or with the disk as it was if
    /// this fails.
    /// </summary>
    /// <exception cref="IOException">The snapshot could not be made.</exception>
    public async Task SnapshotAsync(string snapshot, BlockDevice device)
    {
        var disk = _disk!;
        await OnLoopAsync(_retire!);
        await _unused.Task;
        try
        {
            _disk = await _disks.SnapshotAsync(_domain, _spec.Name, disk, snapshot);
        }
        catch
        {
            _disk = await _disks.ReopenAsync(_domain, _spec.Name, disk);
            throw;
        }
        finally
        {
            await OnLoopAsync(() => device.Exchange(_disk is null ? new FailedDisk((ulong)disk.DiskBytes, _spec.IsReadOnly) : Serve()));
        }
    }

    /// <summary>Waits until the device that it was given to is done with it.</summary>
    public async Task CloseAsync(bool isKept)
    {
        await _unused.Task;
        if (_disk is { } disk)
        {
            await _disks.CloseAsync(_domain, _spec.Name, disk, isKept);
        }
    }

    private Task<bool> OnLoopAsync(Action action) => _loop.AskAsync(() =>
    {
        action();
        return true;
    });
}
