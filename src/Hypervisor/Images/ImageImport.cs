using System.Text;
using Orchestrator.Hypervisor.Hosting;

namespace Orchestrator.Hypervisor.Images;

/// <summary>An image's way from archive to file system: blobs → tree of names → files in a private folder → ext4.</summary>
internal sealed class ImageImport
{
    private const int LargestPasswd = 1 << 20;

    // Where the guest's own file systems are mounted, whether the image has the folders or not.
    private static readonly (string Name, int Mode)[] MountPoints = [("dev", 0x1ED), ("proc", 0x1ED), ("sys", 0x1ED), ("etc", 0x1ED), ("tmp", 0x3FF)];

    private readonly ImageLimits _limits;
    private readonly TimeProvider _time;

    public ImageImport(ImageLimits limits, TimeProvider time)
    {
        _limits = limits;
        _time = time;
    }

    public async Task<(string Disk, ImageConfig Config)> MakeDiskAsync(
        string digest, Stream archive, string staging, CancellationToken cancellation)
    {
        var blobs = Directory.CreateDirectory(Path.Combine(staging, "blobs")).FullName;
        var layout = new OciLayout(blobs, _limits);
        await layout.UnpackAsync(archive, cancellation);
        var (config, layers) = layout.Open(digest);
        try
        {
            var tree = await FlattenAsync(layers, cancellation);
            var files = Path.Combine(staging, "files");
            var writer = new TreeWriter(files, tree.Root);
            CheckRoom(staging, writer.Bytes);
            writer.MakeFolders();
            await WriteFilesAsync(layers, writer, cancellation);
            writer.Finish();
            var imageConfig = ImageConfigReader.Read(digest, config, ReadSmall(files, tree, "etc/passwd"), ReadSmall(files, tree, "etc/group"), _time.GetUtcNow());
            var disk = Path.Combine(staging, "disk.ext4");
            await Ext4.MakeAsync(disk, files, writer.Bytes, writer.Inodes, cancellation);
            return (disk, imageConfig);
        }
        catch (PathTooLongException error)
        {
            throw new InvalidImageException("the image has a path that is too long", error);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidImageException($"a layer's compression is broken: {error.Message}", error);
        }
    }

    public async Task<LayerTree> FlattenAsync(IReadOnlyList<LayerBlob> layers, CancellationToken cancellation)
    {
        var tree = new LayerTree(_limits);
        await EachEntryAsync(
            layers,
            (place, entry, _) =>
            {
                if (place.Entry == 0)
                {
                    tree.BeginLayer();
                }

                tree.Apply(entry, place);
                return Task.CompletedTask;
            },
            cancellation);
        foreach (var (name, mode) in MountPoints)
        {
            tree.Ensure(name, mode);
        }

        return tree;
    }

    private Task WriteFilesAsync(IReadOnlyList<LayerBlob> layers, TreeWriter writer, CancellationToken cancellation) =>
        EachEntryAsync(layers, (place, _, content) => writer.WriteAsync(place, content, cancellation), cancellation);

    private async Task EachEntryAsync(
        IReadOnlyList<LayerBlob> layers, Func<ContentPlace, TarEntry, TarStream, Task> visit, CancellationToken cancellation)
    {
        for (var layer = 0; layer < layers.Count; layer++)
        {
            await using var stream = OciLayout.Read(layers[layer]);
            var tar = new TarStream(stream, _limits);
            for (var number = 0; await tar.NextAsync(cancellation) is { } entry; number++)
            {
                await visit(new ContentPlace(layer, number), entry, tar);
            }
        }
    }

    private static void CheckRoom(string folder, long bytes)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;

        // Once as files, once as the file system.
        if (bytes > free / 2)
        {
            throw new InvalidImageException($"unpacking takes {2 * bytes} bytes; the data directory has {free} free");
        }
    }

    /// <summary>A regular file of the image, if it stands at exactly this place: links are not followed on the host.</summary>
    private static string? ReadSmall(string files, LayerTree tree, string path)
    {
        var folder = tree.Root.Children!.GetValueOrDefault("etc");
        var node = folder?.Children?.GetValueOrDefault(Path.GetFileName(path));
        return node is { Kind: TarEntryKind.File, Bytes: <= LargestPasswd }
            ? Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(files, path)))
            : null;
    }
}
