using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Devices;
using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Domains.Storage;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Rings.Device;
using Orchestrator.Hypervisor.VhostUser;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>
/// A domain's devices while its engine lives: each at a socket in the domain's folder, each with a mailbox that the engine's process
/// inherits, in this order.
/// </summary>
internal sealed class DomainDevices
{
    // What an engine has beside the guest's own memory (firmware, video) and may share with us.
    private const ulong OverheadBytes = 64UL << 20;

    private readonly DomainServices _services;
    private readonly DomainFolder _folder;
    private readonly DomainRecord _record;
    private readonly List<(VhostPort Port, VhostMailbox Mailbox, Func<bool, Task> ReleaseAsync)> _devices = [];
    private readonly List<(GuestDisk Spec, BlockDevice Device, ServedDisk? Disk, VhostPort Port)> _disks = [];

    private DomainDevices(DomainServices services, DomainFolder folder, DomainRecord record)
    {
        _services = services;
        _folder = folder;
        _record = record;
    }

    /// <summary>For the engine to inherit, from <see cref="Processes.FirstInherited"/> on.</summary>
    public IReadOnlyList<SafeFileHandle> Mailboxes => [.. _devices.Select(entry => entry.Mailbox.Socket)];

    /// <summary>The disks of a guest, in the order in which it finds them. The first two are of every guest.</summary>
    public static IEnumerable<GuestDisk> DisksOf(GuestSpec spec) =>
    [
        new(DomainFolder.RootDisk, 0, "", false) { Limits = spec.RootDiskLimits }, new(DomainFolder.ReportDisk, 0, "", false), .. spec.Disks,
        .. spec.ConfigDrive is { } drive ? [new GuestDisk(drive, 0, "", true)] : (GuestDisk[])[],
    ];

    /// <summary>For an engine that is about to start.</summary>
    public static Task<DomainDevices> OpenAsync(DomainServices services, DomainFolder folder, DomainRecord record) =>
        OpenAsync(services, folder, record, isRunning: false, _ => VhostMailbox.Create());

    /// <summary>For an engine that an earlier dom0 has started: its conversations go on.</summary>
    public static Task<DomainDevices> AdoptAsync(DomainServices services, DomainFolder folder, DomainRecord record, SafeFileHandle pidfd) =>
        OpenAsync(services, folder, record, isRunning: true, index => Descriptors.TakeFrom(pidfd, Processes.FirstInherited + index) is { } socket
            ? VhostMailbox.Reopen(socket)
            : VhostMailbox.Create());

    /// <summary>What its disks have done, and the host's ring as it is.</summary>
    public Task<(IReadOnlyList<DiskMeasurement> Disks, RingMeasurement Ring)> MeasureAsync() => _services.Devices.AskAsync(() =>
    {
        var ring = _services.Devices.Disks.Ring;
        IReadOnlyList<DiskMeasurement> disks = [.. _disks.Select(entry => DiskMeasurement.Of(entry.Spec, entry.Device, entry.Disk))];
        return (disks, new RingMeasurement(ring.Slots, ring.SlotsInUse, ring.InLine));
    });

    /// <summary>All disks of the guest at one moment, while it runs: it sees a pause. If it fails, some of them have the snapshot.</summary>
    /// <exception cref="IOException">It could not be made.</exception>
    public async Task SnapshotAsync(string snapshot)
    {
        var disks = _disks.Where(entry => entry.Disk is not null).ToList();
        await Task.WhenAll(disks.Select(entry => HoldAsync(entry.Device)));
        try
        {
            foreach (var (_, device, disk, _) in disks)
            {
                await disk!.SnapshotAsync(snapshot, device);
            }
        }
        finally
        {
            disks.ForEach(entry => _services.Devices.Post(entry.Device.Release));
        }
    }

    /// <summary>A disk larger, while the guest runs, which is told. How large it was; if that is more than it shall be, nothing changed.</summary>
    /// <exception cref="IOException">It could not be grown.</exception>
    public async Task<long> GrowDiskAsync(string name, long bytes)
    {
        var (_, device, disk, port) = _disks.Single(entry => entry.Spec.Name == name);
        await HoldAsync(device);
        try
        {
            return await disk!.GrowAsync(bytes, device);
        }
        finally
        {
            _services.Devices.Post(() =>
            {
                device.NoteResized();
                device.Release();
            });
            port.TellConfigurationChanged();
        }
    }

    /// <summary>After the engine's end: what was in flight is done when this is complete.</summary>
    public async Task CloseAsync(bool areDisksKept)
    {
        foreach (var (port, mailbox, releaseAsync) in _devices)
        {
            await port.CloseAsync();
            await releaseAsync(areDisksKept);
            mailbox.Dispose();
        }
    }

    private static async Task<DomainDevices> OpenAsync(
        DomainServices services, DomainFolder folder, DomainRecord record, bool isRunning, Func<int, VhostMailbox> mailbox)
    {
        var devices = new DomainDevices(services, folder, record);
        try
        {
            foreach (var disk in DisksOf(record.Spec!))
            {
                await devices.AddAsync(disk, mailbox(devices._devices.Count));
            }

            for (var card = 0; card < record.Spec!.Interfaces.Count; card++)
            {
                await devices.AddCardAsync(card, isRunning, mailbox(devices._devices.Count));
            }

            return devices;
        }
        catch
        {
            await devices.CloseAsync(areDisksKept: true);
            throw;
        }
    }

    private async Task AddAsync(GuestDisk disk, VhostMailbox mailbox)
    {
        if (disk.Name == DomainFolder.ReportDisk)
        {
            var report = RawDisk.Open(_folder.ReportFile, isReadOnly: false);
            await AddAsync(disk, () => report, null, mailbox);
            return;
        }

        if (disk.Name == _record.Spec!.ConfigDrive)
        {
            var drive = _services.ConfigDrives.Open(_record.Id);
            await AddAsync(disk, () => drive, null, mailbox);
            return;
        }

        var served = await ServedDisk.OpenAsync(_services.Disks, _services.Devices, _record.Id, disk);
        await AddAsync(disk, served.Serve, served, mailbox);
    }

    private async Task AddAsync(GuestDisk guest, Func<IDisk> disk, ServedDisk? served, VhostMailbox mailbox)
    {
        var (spec, name) = (_record.Spec!, guest.Name);
        var logger = _services.Loggers.CreateLogger<VhostPort>();
        var loop = _services.Devices;
        var device = await loop.AskAsync(() => new BlockDevice(loop, logger, $"{_record.Id}/{name}", disk(), name, spec.Vcpus, guest.Limits ?? DomainLimits.None));
        await ServeAsync(DomainFolder.SocketName(name), device, mailbox, isKept => ReleaseAsync(device, served, isKept));
        _disks.Add((guest, device, served, _devices[^1].Port));
    }

    private async Task AddCardAsync(int index, bool isRunning, VhostMailbox mailbox)
    {
        var card = _record.Spec!.Interfaces[index];
        var device = await _services.Networks.AttachAsync(
            $"{_record.Id}/{card.Name}", card, isRunning, _services.Loggers.CreateLogger<VhostPort>());
        await ServeAsync(DomainFolder.CardSocketName(index), device, mailbox, _ => _services.Networks.DetachAsync(card, device));
    }

    private async Task ServeAsync(string socket, VirtioDevice device, VhostMailbox mailbox, Func<bool, Task> releaseAsync)
    {
        var spec = _record.Spec!;
        var engine = _services.Engines.Find(spec.Engine)!;
        var peer = new VhostPeer(_record.UserId, (ulong)spec.MemoryBytes + OverheadBytes, engine.TakesPackedRings);
        try
        {
            var port = VhostPort.Open(Path.Combine(_folder.Root, socket), device, peer, mailbox, _services.Loggers.CreateLogger<VhostPort>());
            _devices.Add((port, mailbox, releaseAsync));
        }
        catch
        {
            await releaseAsync(true);
            throw;
        }
    }

    private async Task HoldAsync(BlockDevice device)
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _services.Devices.Post(() => device.Hold(held.SetResult));
        await held.Task;
    }

    private async Task ReleaseAsync(BlockDevice device, ServedDisk? disk, bool isKept)
    {
        await _services.Devices.AskAsync(() =>
        {
            device.Dispose();
            return true;
        });
        if (disk is not null)
        {
            await disk.CloseAsync(isKept);
        }
    }
}
