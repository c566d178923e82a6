using System.Collections.Concurrent;
using System.ComponentModel;
using Orchestrator.Hypervisor.Disks.Layers;
using Orchestrator.Hypervisor.Images;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>All domains of this host, by id, and how one comes to be.</summary>
internal sealed class DomainRegistry
{
    private readonly DomainServices _services;
    private readonly ConcurrentDictionary<string, Domain> _domains = new();
    private readonly ConcurrentDictionary<string, Task<DomainAnswer>> _creations = new();

    public DomainRegistry(DomainServices services)
    {
        _services = services;
    }

    public IEnumerable<Domain> All => _domains.Values;

    public Domain? Find(string id) => _domains.GetValueOrDefault(id);

    public bool IsImageInUse(string digest) => All.Any(domain => domain.Record.Spec?.Images.Contains(digest) == true);

    /// <summary>Adds a domain that a journal told of, and lets it act from now on.</summary>
    public void Add(Domain domain)
    {
        _domains[domain.Record.Id] = domain;
        _ = RunAsync(domain);
    }

    /// <summary>
    /// Idempotent. The work goes on when a caller goes away: half a domain is nobody's wish, and the caller will ask again.
    /// </summary>
    public async Task<DomainAnswer> CreateAsync(DomainId id, GuestSpec spec, CancellationToken cancellation)
    {
        while (true)
        {
            if (Find(id.Value) is { } existing)
            {
                return existing.Record.Phase is DomainPhase.Destroying
                    ? new Refusal(RefusalKind.Precondition, $"domain {id} is being destroyed")
                    : spec.Equals(existing.Record.Spec)
                        ? existing.Record
                        : new Refusal(RefusalKind.Precondition, $"domain {id} exists with another spec");
            }

            var mine = new TaskCompletionSource<DomainAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_creations.TryAdd(id.Value, mine.Task))
            {
                _ = CompleteAsync(id, spec, mine);
                return await mine.Task.WaitAsync(cancellation);
            }

            if (_creations.TryGetValue(id.Value, out var others))
            {
                await others.WaitAsync(cancellation);
            }
        }
    }

    private async Task CompleteAsync(DomainId id, GuestSpec spec, TaskCompletionSource<DomainAnswer> done)
    {
        try
        {
            // Another creation may have ended between the caller's look and its turn.
            var answer = Find(id.Value) is { } existing && spec.Equals(existing.Record.Spec) ? existing.Record : await MakeAsync(id, spec);
            _creations.TryRemove(id.Value, out _);
            done.SetResult(answer);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Win32Exception or TimeoutException)
        {
            _creations.TryRemove(id.Value, out _);
            done.SetResult(new Refusal(RefusalKind.HostFailed, error.Message));
        }
        catch (Exception error)
        {
            // A bug: every caller that waits sees it as such.
            _creations.TryRemove(id.Value, out _);
            done.SetException(error);
        }
    }

    private async Task<DomainAnswer> MakeAsync(DomainId id, GuestSpec spec)
    {
        if (_services.Engines.Find(spec.Engine) is not { } engine)
        {
            return new Refusal(RefusalKind.Invalid, $"spec.engine: there is no engine {spec.Engine}");
        }

        if (await _services.Engines.ProbeAsync(engine, CancellationToken.None) is { Available: false } missing)
        {
            return new Refusal(RefusalKind.Precondition, $"the engine {spec.Engine} is not available: {missing.Message}");
        }

        if (_services.Images.Find(spec.RootImageDigest) is not { } image)
        {
            return new Refusal(RefusalKind.NotFound, $"there is no disk image {spec.RootImageDigest}");
        }

        if (spec.RootDiskBytes != 0 && spec.RootDiskBytes < image.SizeBytes)
        {
            return new Refusal(RefusalKind.Invalid, $"spec.root_disk_bytes: the image's file system alone has {image.SizeBytes} bytes");
        }

        foreach (var disk in spec.Disks.Where(disk => disk.ImageDigest.Length > 0))
        {
            if (_services.Images.Find(disk.ImageDigest) is not { } source)
            {
                return new Refusal(RefusalKind.NotFound, $"there is no disk image {disk.ImageDigest}");
            }

            if (disk.Bytes != 0 && disk.Bytes < source.SizeBytes)
            {
                return new Refusal(RefusalKind.Invalid, $"spec.disks[{disk.Name}].bytes: the image's file system alone has {source.SizeBytes} bytes");
            }
        }

        if (spec.Source is { } origin && await CheckSourceAsync(origin, spec) is { } refusal)
        {
            return refusal;
        }

        if (_services.Uids.Take() is not { } userId)
        {
            return new Refusal(RefusalKind.Exhausted, "every user id of the range belongs to a domain (--uid-count)");
        }

        var folder = new DomainFolder(_services.Data.Domains, id.Value);
        try
        {
            folder.Erase();
            folder.Make(userId);
            await MakeDisksAsync(id.Value, spec);
            var record = new DomainRecord { Id = id.Value, Spec = spec, UserId = userId, Phase = DomainPhase.Created };
            DomainJournal.Write(folder, record);
            FileSystem.FlushDirectory(_services.Data.Domains);
            Add(new Domain(_services, folder, record));
            return record;
        }
        catch
        {
            await _services.Disks.RemoveAsync(id.Value);
            folder.Erase();
            _services.Uids.Free(userId);
            throw;
        }
    }

    /// <summary>A clone has the disks of what it is a clone of, as large as they were or larger.</summary>
    private async Task<Refusal?> CheckSourceAsync(CloneSource source, GuestSpec spec)
    {
        if (Find(source.Domain)?.Record is not { Spec: { } original } record || record.Snapshots.All(snapshot => snapshot.Name != source.Snapshot))
        {
            return new Refusal(RefusalKind.NotFound, $"there is no snapshot {source.Snapshot} of a domain {source.Domain}");
        }

        if (!DisksOf(spec).Select(Made).SequenceEqual(DisksOf(original).Select(Made)))
        {
            return new Refusal(RefusalKind.Invalid, $"spec.disks: a clone has the image and the disks of domain {source.Domain}, with the same names");
        }

        foreach (var disk in DisksOf(spec).Where(disk => disk.Bytes > 0))
        {
            var had = await _services.Disks.SnapshotBytesAsync(source.Domain, disk.Name, source.Snapshot);
            if (LayerFormat.InClusters(disk.Bytes) < had)
            {
                return new Refusal(RefusalKind.Invalid, $"spec.disks[{disk.Name}].bytes: the snapshot has {had} bytes, and a clone of it can't have {disk.Bytes}");
            }
        }

        return null;
    }

    private static GuestDisk[] DisksOf(GuestSpec spec) => [new(DomainFolder.RootDisk, spec.RootDiskBytes, spec.RootImageDigest, false), .. spec.Disks];

    /// <summary>A clone's sizes and rates are its own.</summary>
    private static GuestDisk Made(GuestDisk disk) => disk with { Bytes = 0, Limits = null };

    private async Task MakeDisksAsync(string id, GuestSpec spec)
    {
        foreach (var disk in DisksOf(spec))
        {
            await (spec.Source is { } source
                ? _services.Disks.CloneAsync(source.Domain, source.Snapshot, id, disk.Name, disk.Bytes)
                : _services.Disks.CreateAsync(id, disk.Name, _services.Images.Find(disk.ImageDigest), disk.Bytes));
        }
    }

    private async Task RunAsync(Domain domain)
    {
        await domain.RunAsync();
        _domains.TryRemove(domain.Record.Id, out _);
        domain.Requests.AnswerGone();
    }
}
