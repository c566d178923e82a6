using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.Hypervisor.Images;

internal sealed record LayerBlob(string Path, bool Compressed);

/// <summary>
/// The blobs of an OCI image layout (image-spec, image-layout.md) unpacked into a folder, each checked against its digest before
/// anything of it is believed.
/// </summary>
internal sealed partial class OciLayout
{
    private const string BlobPrefix = "blobs/sha256/";
    private const int CopyBytes = 128 * 1024;
    private static readonly string[] Manifests =
    [
        "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json", "",
    ];

    private readonly string _folder;
    private readonly ImageLimits _limits;

    public OciLayout(string folder, ImageLimits limits)
    {
        _folder = folder;
        _limits = limits;
    }

    public static bool IsDigest(string digest) => DigestPattern().IsMatch(digest);

    public async Task UnpackAsync(Stream archive, CancellationToken cancellation)
    {
        var tar = new TarStream(archive, _limits with { UnpackedBytes = _limits.ArchiveBytes });
        long total = 0;
        while (await tar.NextAsync(cancellation) is { } entry)
        {
            var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            total += entry.Bytes;
            if (total > _limits.ArchiveBytes)
            {
                throw new InvalidImageException($"the archive holds more than {_limits.ArchiveBytes} bytes");
            }

            if (entry.Kind is TarEntryKind.File && name.StartsWith(BlobPrefix, StringComparison.Ordinal))
            {
                await StoreAsync(name[BlobPrefix.Length..], tar, cancellation);
            }
        }
    }

    /// <summary>The image's configuration and its layers, lowest first.</summary>
    public (JsonElement Config, IReadOnlyList<LayerBlob> Layers) Open(string manifestDigest)
    {
        var manifest = Document(manifestDigest, "the manifest");
        var mediaType = Text(manifest, "mediaType");
        if (!Manifests.Contains(mediaType) || !manifest.TryGetProperty("layers", out var layers) || layers.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidImageException($"{manifestDigest} is no image manifest ({(mediaType.Length > 0 ? mediaType : "no media type")})");
        }

        if (layers.GetArrayLength() > _limits.Layers)
        {
            throw new InvalidImageException($"the image has {layers.GetArrayLength()} layers; the limit is {_limits.Layers}");
        }

        var config = manifest.TryGetProperty("config", out var descriptor)
            ? Document(Text(descriptor, "digest"), "the configuration")
            : throw new InvalidImageException("the manifest names no configuration");
        return (config, [.. layers.EnumerateArray().Select(Layer)]);
    }

    public static Stream Read(LayerBlob layer)
    {
        var file = new FileStream(layer.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: CopyBytes);
        return layer.Compressed ? new BufferedStream(new GZipStream(file, CompressionMode.Decompress), CopyBytes) : file;
    }

    private LayerBlob Layer(JsonElement descriptor)
    {
        var mediaType = Text(descriptor, "mediaType");
        if (mediaType.EndsWith("zstd", StringComparison.Ordinal))
        {
            throw new InvalidImageException("a layer is compressed with zstd, which is not supported: use gzip");
        }

        var path = PathOf(Text(descriptor, "digest"), "a layer");

        // By its content: media types of layers vary, gzip's first bytes don't.
        using var file = File.OpenRead(path);
        return new LayerBlob(path, file.ReadByte() == 0x1F && file.ReadByte() == 0x8B);
    }

    private async Task StoreAsync(string hex, TarStream tar, CancellationToken cancellation)
    {
        if (!IsDigest("sha256:" + hex))
        {
            throw new InvalidImageException($"{BlobPrefix}{hex}: not the name of a blob");
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[CopyBytes];
        await using var file = new FileStream(Path.Combine(_folder, hex), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        int read;
        while ((read = await tar.ReadAsync(buffer, cancellation)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }

        var actual = Convert.ToHexStringLower(hash.GetCurrentHash());
        if (actual != hex)
        {
            throw new InvalidImageException($"the blob sha256:{hex} has the content of sha256:{actual}");
        }
    }

    private JsonElement Document(string digest, string what)
    {
        var path = PathOf(digest, what);
        if (new FileInfo(path).Length > _limits.DocumentBytes)
        {
            throw new InvalidImageException($"{what} is larger than {_limits.DocumentBytes} bytes");
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new InvalidImageException($"{what} is no JSON object");
        }
        catch (JsonException error)
        {
            throw new InvalidImageException($"{what} is no JSON: {error.Message}", error);
        }
    }

    private string PathOf(string digest, string what)
    {
        var path = IsDigest(digest) ? Path.Combine(_folder, digest["sha256:".Length..]) : throw new InvalidImageException($"{what} has no sha256 digest");
        return File.Exists(path) ? path : throw new InvalidImageException($"{what}, {digest}, is not in the archive: is it an OCI image layout?");
    }

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    [GeneratedRegex(@"^sha256:[0-9a-f]{64}\z")]
    private static partial Regex DigestPattern();
}
