using Orchestrator.Hypervisor.Disks;
using Orchestrator.Hypervisor.Disks.Layers;
using Orchestrator.Hypervisor.Images;

namespace Orchestrator.Hypervisor.Domains.Storage;

/// <summary>
/// A disk that is larger than its image needs a file system that knows it. What growing changes is a snapshot in the store, made once for
/// an image and a size, and each such disk is a clone of it.
/// </summary>
internal sealed class GrownImages(SharedStore store, string bases) : IDisposable
{
    // No domain's id has a capital letter.
    private const string Prefix = "Image.";
    private const string Pending = "growing.ext4";

    private readonly SemaphoreSlim _one = new(1);

    public static bool IsOne(string snapshot) => snapshot.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The snapshot's name; it is there.</summary>
    public async Task<string> ProvideAsync(StoredImage image, long bytes)
    {
        var snapshot = $"{PrefixOf(image.Config.Digest)}{bytes}";
        await _one.WaitAsync();
        try
        {
            if (!await store.AskAsync(disks => disks.Snapshots.Contains(snapshot)))
            {
                await GrowAsync(image, bytes, snapshot);
            }

            return snapshot;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The image goes. Disks that were made of it are not asked here.</summary>
    public Task ForgetAsync(string digest) => store.ChangeAsync(disks =>
    {
        foreach (var snapshot in disks.Snapshots.Where(name => name.StartsWith(PrefixOf(digest), StringComparison.Ordinal)).ToList())
        {
            disks.RemoveSnapshot(snapshot);
        }
    });

    public void Dispose() => _one.Dispose();

    private static string PrefixOf(string digest) => $"{Prefix}{digest["sha256:".Length..]}.";

    /// <summary>Long work on files of its own; the store is asked only in between. A disk of the snapshot's name is one that is being made.</summary>
    private async Task GrowAsync(StoredImage image, long bytes, string name)
    {
        var copy = Path.Combine(bases, Pending);
        try
        {
            await Ext4.CopyAsync(image.File, copy, bytes, CancellationToken.None);
            var disk = await store.AskAsync(disks =>
            {
                disks.CreateDisk(name, Path.GetFileName(image.File), bytes);
                return disks.Open(name);
            });
            try
            {
                using var grown = DiskFile.OpenReadOnly(copy);
                using var original = DiskFile.OpenReadOnly(image.File);
                CopyChanges(original, grown, disk);
                disk.Flush();
                await store.ChangeAsync(disks => disks.Freeze(name, disk, name));
            }
            finally
            {
                await store.ChangeAsync(disks =>
                {
                    disks.Close(name, disk);
                    disks.RemoveDisk(name);
                });
            }
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private static void CopyChanges(DiskFile original, DiskFile grown, OverlayDisk disk)
    {
        var (before, after) = (new byte[LayerFormat.ClusterBytes], new byte[LayerFormat.ClusterBytes]);
        foreach (var (start, end) in Interop.FileSpace.DataOf(grown.Handle))
        {
            for (var offset = start / LayerFormat.ClusterBytes * LayerFormat.ClusterBytes; offset < end; offset += LayerFormat.ClusterBytes)
            {
                Read(original, offset, before);
                Read(grown, offset, after);
                if (!after.AsSpan().SequenceEqual(before))
                {
                    disk.Write(offset, after);
                }
            }
        }
    }

    /// <summary>What lies behind a file's end is zeroes.</summary>
    private static void Read(DiskFile file, long offset, byte[] cluster)
    {
        var length = (int)Math.Clamp(file.Length - offset, 0, cluster.Length);
        file.Read(offset, cluster.AsSpan(0, length));
        cluster.AsSpan(length).Clear();
    }
}
