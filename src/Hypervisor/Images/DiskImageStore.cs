using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Hypervisor.Hosting;

namespace Orchestrator.Hypervisor.Images;

/// <summary>An image's file system, ready to be copied for a guest.</summary>
internal sealed record StoredImage(ImageConfig Config, string File, long SizeBytes);

/// <summary>
/// The file systems made from OCI images, by manifest digest. An image exists once its configuration does, which is written last;
/// what an interrupted import left is removed at start.
/// </summary>
internal sealed class DiskImageStore : IDisposable
{
    private const string StagingPrefix = "import-";
    private readonly DataDirectory _data;
    private readonly ImageImport _import;
    private readonly SemaphoreSlim _oneImport = new(1);

    public DiskImageStore(DataDirectory data, ImageImport import)
    {
        _data = data;
        _import = import;
        foreach (var left in Directory.EnumerateDirectories(data.Images, StagingPrefix + "*"))
        {
            Directory.Delete(left, recursive: true);
        }
    }

    public StoredImage? Find(string digest)
    {
        if (!OciLayout.IsDigest(digest) || !File.Exists(ConfigFile(digest)))
        {
            return null;
        }

        var config = JsonSerializer.Deserialize(File.ReadAllBytes(ConfigFile(digest)), ImageJson.Default.ImageConfig)!;
        return new StoredImage(config, DiskFile(digest), new FileInfo(DiskFile(digest)).Length);
    }

    public IReadOnlyList<StoredImage> List() =>
        [.. Directory.EnumerateFiles(_data.Images, "*.json").Select(file => Find("sha256:" + Path.GetFileNameWithoutExtension(file))).OfType<StoredImage>()];

    /// <exception cref="InvalidImageException">The archive is not what it says, or beyond a limit.</exception>
    public async Task<StoredImage> ImportAsync(string digest, Stream archive, CancellationToken cancellation)
    {
        // One at a time: what two imports take of memory and disk is not twice as useful.
        await _oneImport.WaitAsync(cancellation);
        var staging = Path.Combine(_data.Images, StagingPrefix + digest["sha256:".Length..]);
        try
        {
            if (Find(digest) is { } known)
            {
                await archive.CopyToAsync(Stream.Null, cancellation);
                return known;
            }

            DataDirectory.Make(staging, DataDirectory.Private);
            var (disk, config) = await _import.MakeDiskAsync(digest, archive, staging, cancellation);
            File.Move(disk, DiskFile(digest), overwrite: true);
            DataDirectory.WriteDurably(ConfigFile(digest), JsonSerializer.SerializeToUtf8Bytes(config, ImageJson.Default.ImageConfig));
            return Find(digest)!;
        }
        finally
        {
            if (Directory.Exists(staging))
            {
                Directory.Delete(staging, recursive: true);
            }

            _oneImport.Release();

            // An import is rare and large beside everything else that dom0 ever holds; dom0 lives for months.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        }
    }

    /// <summary>Whether there was one.</summary>
    public bool Remove(string digest)
    {
        var existed = Find(digest) is not null;
        if (existed)
        {
            File.Delete(ConfigFile(digest));
            File.Delete(DiskFile(digest));
        }

        return existed;
    }

    public void Dispose() => _oneImport.Dispose();

    private string DiskFile(string digest) => Path.Combine(_data.Images, digest["sha256:".Length..] + ".ext4");

    private string ConfigFile(string digest) => Path.Combine(_data.Images, digest["sha256:".Length..] + ".json");
}

[JsonSerializable(typeof(ImageConfig))]
internal sealed partial class ImageJson : JsonSerializerContext;
