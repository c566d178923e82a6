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
    public Task SnapshotAsync(string snapshot, BlockDevice device) =>
        ChangeAsync(device, disk => _disks.SnapshotAsync(_domain, _spec.Name, disk, snapshot));

    /// <summary>Makes it larger, while its device is held. How large it was; if that is more than it shall be, nothing changed.</summary>
    /// <exception cref="IOException">It could not be grown.</exception>
    public async Task<long> GrowAsync(long bytes, BlockDevice device)
    {
        var had = _disk?.DiskBytes ?? throw new IOException($"disk {_spec.Name} can't be used any more");
        if (had < bytes)
        {
            await ChangeAsync(device, async disk =>
            {
                await _disks.GrowAsync(disk, bytes);
                return disk;
            });
        }

        return had;
    }

    private async Task ChangeAsync(BlockDevice device, Func<OverlayDisk, Task<OverlayDisk>> changeAsync)
    {
        var disk = _disk!;
        await OnLoopAsync(_retire!);
        await _unused.Task;
        try
        {
            _disk = await changeAsync(disk);
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
