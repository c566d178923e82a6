using System.Text.Json;
using System.Text.RegularExpressions;
using Grpc.Core;
using Orchestrator.NodeAgent.Containerd.Content.V1;
using Orchestrator.NodeAgent.Containerd.Images.V1;
using Orchestrator.NodeAgent.Drivers.Cri;

namespace Orchestrator.NodeAgent.Images;

/// <summary>A blob of an OCI image: its media type, its digest <c>sha256:…</c> and its size in bytes.</summary>
internal sealed record Blob(string MediaType, string Digest, long Size);

/// <summary>The manifest of an image for this architecture, and the blobs that it needs: config first, then the layers.</summary>
internal sealed record ImageManifest(Blob Manifest, IReadOnlyList<Blob> Contents);

/// <summary>Reads images out of containerd's content store.</summary>
internal sealed partial class ContentStore(ContainerdClient containerd)
{
    private const string OperatingSystem = "linux";
    private const string Architecture = "amd64";
    private const int MaximumDepth = 3;
    private const int MaximumDocumentBytes = 8 * 1024 * 1024;

    /// <summary>Null if the image isn't there or has nothing for linux/amd64.</summary>
    /// <exception cref="InvalidDataException">A document of the image is not what its media type says.</exception>
    public async Task<ImageManifest?> ManifestAsync(string imageId, CancellationToken cancellation)
    {
        try
        {
            var options = ContainerdClient.Own(cancellation, ContainerdClient.Look);
            var image = await containerd.ImageStore.GetAsync(new GetImageRequest { Name = imageId }, options);
            var target = image.Image.Target;
            return await ResolveAsync(new Blob(target.MediaType, target.Digest, target.Size), cancellation);
        }
        catch (RpcException absent) when (absent.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>The blob in pieces as containerd sends them.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        Blob blob, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var call = containerd.Content.Read(new ReadContentRequest { Digest = blob.Digest }, ContainerdClient.Own(cancellation));
        await foreach (var piece in call.ResponseStream.ReadAllAsync(cancellation)) yield return piece.Data.Memory;
    }

    private async Task<ImageManifest?> ResolveAsync(Blob blob, CancellationToken cancellation, int depth = 0)
    {
        if (depth > MaximumDepth) throw new InvalidDataException($"{blob.Digest} is an index in an index in an index");
        using var document = await DocumentAsync(blob, cancellation);
        try
        {
            var (manifest, next) = Read(blob, document.RootElement);
            return next is null ? manifest : await ResolveAsync(next, cancellation, depth + 1);
        }
        catch (Exception malformed) when (malformed is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{blob.Digest} is no manifest: {malformed.Message}", malformed);
        }
    }

    /// <summary>The manifest, or the blob to go on with; neither if nothing here is for us.</summary>
    private static (ImageManifest? Manifest, Blob? Next) Read(Blob blob, JsonElement root)
    {
        if (!root.TryGetProperty("manifests", out var manifests))
            return (new ImageManifest(blob, [BlobOf(root.GetProperty("config")), .. root.GetProperty("layers").EnumerateArray().Select(BlobOf)]), null);
        foreach (var manifest in manifests.EnumerateArray())
            if (IsOurs(manifest)) return (null, BlobOf(manifest));
        return (null, null);
    }

    private async Task<JsonDocument> DocumentAsync(Blob blob, CancellationToken cancellation)
    {
        if (blob.Size > MaximumDocumentBytes) throw new InvalidDataException($"{blob.Digest} is {blob.Size} bytes long, too much for a manifest");
        using var bytes = new MemoryStream();
        await foreach (var piece in ReadAsync(blob, cancellation)) bytes.Write(piece.Span);
        try
        {
            return JsonDocument.Parse(bytes.ToArray());
        }
        catch (JsonException invalid)
        {
            throw new InvalidDataException($"{blob.Digest} is no JSON: {invalid.Message}", invalid);
        }
    }

    /// <summary>An entry without a platform is taken for ours: single-platform tools write such an index.</summary>
    private static bool IsOurs(JsonElement manifest)
        => !manifest.TryGetProperty("platform", out var platform)
            || (platform.GetProperty("os").GetString() == OperatingSystem && platform.GetProperty("architecture").GetString() == Architecture);

    /// <summary>An image is a stranger's: its digests become names in an archive.</summary>
    private static Blob BlobOf(JsonElement descriptor)
    {
        var blob = new Blob(
            descriptor.TryGetProperty("mediaType", out var type) ? type.GetString() ?? "" : "",
            descriptor.GetProperty("digest").GetString() ?? "",
            descriptor.GetProperty("size").GetInt64());
        return Digest().IsMatch(blob.Digest) && blob.Size >= 0 ? blob : throw new InvalidDataException($"'{blob.Digest}' of {blob.Size} bytes is no blob");
    }

    [GeneratedRegex(@"^sha256:[0-9a-f]{64}\z")]
    private static partial Regex Digest();
}
