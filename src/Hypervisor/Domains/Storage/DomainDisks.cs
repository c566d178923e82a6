using Orchestrator.Hypervisor.Disks;
using Orchestrator.Hypervisor.Disks.Layers;
using Orchestrator.Hypervisor.Disks.Store;
using Orchestrator.Hypervisor.Hosting;
using Orchestrator.Hypervisor.Images;

namespace Orchestrator.Hypervisor.Domains.Storage;

/// <summary>
/// The disks of this host's domains, each by its domain and its name there: <c>DOMAIN.NAME</c> in one store, so that a disk may be a
/// clone of any other's snapshot.
/// </summary>
internal sealed partial class DomainDisks : IDisposable
{
    private readonly SharedStore _store;
    private readonly GrownImages _grown;
    private readonly ILogger _logger;

    public DomainDisks(DataDirectory data, ILogger<DomainDisks> logger)
    {
        _store = new SharedStore(new DiskStore(new DiskFolder(data.Disks, data.Images)));
        _grown = new GrownImages(_store, data.Images);
        _logger = logger;
    }

    /// <summary>Takes no time and no room. What a creation that didn't end has left of it is replaced.</summary>
    /// <param name="image">What it is made of; null for a disk of zeroes.</param>
    /// <param name="bytes">0, for a disk as large as its image.</param>
    public async Task CreateAsync(string domain, string disk, StoredImage? image, long bytes)
    {
        var name = NameOf(domain, disk);
        var grown = image is not null && bytes > image.SizeBytes ? await _grown.ProvideAsync(image, bytes) : null;
        await _store.ChangeAsync(store =>
        {
            if (store.Disks.Contains(name))
            {
                store.RemoveDisk(name);
            }

            if (grown is not null)
            {
                store.Clone(grown, name);
            }
            else
            {
                store.CreateDisk(name, image is null ? null : Path.GetFileName(image.File), bytes);
            }
        });
    }

    /// <summary>A clone of a snapshot of another domain's disk, in no time.</summary>
    /// <param name="bytes">At least so large, if that disk has grown since; or 0.</param>
    public Task CloneAsync(string sourceDomain, string snapshot, string domain, string disk, long bytes) => _store.ChangeAsync(store =>
    {
        var name = NameOf(domain, disk);
        if (store.Disks.Contains(name))
        {
            store.RemoveDisk(name);
        }

        store.Clone(NameOf(sourceDomain, disk, snapshot), name);
        if (bytes > 0)
        {
            var clone = store.Open(name);
            try
            {
                Grow(clone, bytes);
            }
            finally
            {
                store.Close(name, clone);
            }
        }
    });

    public Task<long> SnapshotBytesAsync(string domain, string disk, string snapshot) => _store.AskAsync(store =>
    {
        using var chain = store.OpenSnapshot(NameOf(domain, disk, snapshot));
        return chain.DiskBytes;
    });

    /// <summary>An open disk, durably. How large it was: if that is more, it is left as it is.</summary>
    public Task<long> GrowAsync(OverlayDisk opened, long bytes) => _store.AskAsync(_ => Grow(opened, bytes));

    /// <summary>Of an open disk, which goes on as the result.</summary>
    public Task<OverlayDisk> SnapshotAsync(string domain, string disk, OverlayDisk opened, string snapshot) =>
        _store.AskAsync(store => store.Snapshot(NameOf(domain, disk), opened, NameOf(domain, disk, snapshot)));

    /// <summary>After a change that failed: the disk as its files have it, or null if they can't be used.</summary>
    public async Task<OverlayDisk?> ReopenAsync(string domain, string disk, OverlayDisk opened)
    {
        try
        {
            await _store.ChangeAsync(store => store.Close(NameOf(domain, disk), opened));
            return await OpenAsync(domain, disk);
        }
        catch (IOException error)
        {
            LogLost(domain, disk, error);
            return null;
        }
    }

    /// <summary>Safe if there is none, or not of all disks.</summary>
    public Task RemoveSnapshotAsync(string domain, string snapshot) =>
        RemoveSnapshotsAsync((owner, name) => owner == domain && name == snapshot);

    /// <summary>For the one who serves it; <see cref="CloseAsync"/> gives it back.</summary>
    /// <exception cref="DamagedDiskException">One of its files is not what it must be.</exception>
    public async Task<OverlayDisk> OpenAsync(string domain, string disk)
    {
        var opened = await _store.AskAsync(store => store.Open(NameOf(domain, disk)));
        foreach (var layer in opened.Chain.Layers.Where(layer => layer.HasDamagedSuperblock))
        {
            LogDamagedSuperblock(domain, disk, layer.File.Name);
        }

        return opened;
    }

    /// <param name="isKept">Then also what its guest wrote and never flushed is made durable: nobody else will.</param>
    public async Task CloseAsync(string domain, string name, OverlayDisk disk, bool isKept)
    {
        try
        {
            if (isKept)
            {
                disk.Flush();
            }
        }
        catch (IOException error)
        {
            LogNotFlushed(domain, name, error);
        }

        await _store.ChangeAsync(store => store.Close(NameOf(domain, name), disk));
    }

    /// <summary>All of a domain that goes, its snapshots too; safe if there are none. What others have cloned of them is theirs.</summary>
    public async Task RemoveAsync(string domain)
    {
        await RemoveDisksAsync(owner => owner == domain);
        await RemoveSnapshotsAsync((owner, _) => owner == domain);
    }

    /// <summary>What no journal knows: half a creation, half a snapshot, half a removal.</summary>
    /// <param name="isDomain">Whether there is a domain of this id.</param>
    /// <param name="isSnapshot">Whether it has a snapshot of this name.</param>
    public async Task RemoveUnknownAsync(Func<string, bool> isDomain, Func<string, string, bool> isSnapshot)
    {
        await RemoveDisksAsync(owner => !isDomain(owner));
        await RemoveSnapshotsAsync((owner, name) => !isSnapshot(owner, name));
    }

    /// <summary>Nothing is made of the image any more, and no disk was.</summary>
    public Task ForgetImageAsync(string digest) => _grown.ForgetAsync(digest);

    public void Dispose()
    {
        _grown.Dispose();
        _store.Dispose();
    }

    private static long Grow(OverlayDisk disk, long bytes)
    {
        var (had, wanted) = (disk.DiskBytes, LayerFormat.InClusters(bytes));
        if (had < wanted)
        {
            disk.Grow(wanted);
        }

        return had;
    }

    private static string NameOf(string domain, string disk) => $"{domain}.{disk}";

    private static string NameOf(string domain, string disk, string snapshot) => $"{domain}.{disk}.{snapshot}";

    private Task RemoveSnapshotsAsync(Func<string, string, bool> isGone) => _store.ChangeAsync(store =>
    {
        foreach (var (name, parts) in store.Snapshots.Where(name => !GrownImages.IsOne(name)).Select(name => (name, name.Split('.', 3))).ToList())
        {
            if (isGone(parts[0], parts[2]))
            {
                store.RemoveSnapshot(name);
            }
        }
    });

    private Task RemoveDisksAsync(Func<string, bool> isGone) => _store.ChangeAsync(store =>
    {
        foreach (var name in store.Disks.Where(name => isGone(name.Split('.')[0])).ToList())
        {
            store.RemoveDisk(name);
        }
    });

    [LoggerMessage(Level = LogLevel.Warning, Message = "Disk {Disk} of domain {Domain}: one superblock of {File} can't be read. A power cut while it was "
        + "written does that, and then nothing is lost; a failing medium does it too, and then what was flushed last is missing")]
    private partial void LogDamagedSuperblock(string domain, string disk, string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "Disk {Disk} of domain {Domain} can't be opened again after a snapshot that failed: its guest sees errors")]
    private partial void LogLost(string domain, string disk, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Disk {Disk} of domain {Domain} could not be flushed: a power cut may lose what its guest didn't flush itself")]
    private partial void LogNotFlushed(string domain, string disk, Exception error);
}
