using System.Collections.Concurrent;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Conformance.Containerd;
using Orchestrator.NodeAgent.Containerd.Content.V1;
using Orchestrator.NodeAgent.Containerd.Images.V1;
using Orchestrator.NodeAgent.Cri.V1;
using Image = Orchestrator.NodeAgent.Cri.V1.Image;

namespace Orchestrator.Conformance.Fakes;

/// <summary>The images that the fake has, those that its registry has, and their blobs.</summary>
internal sealed class FakeImages
{
    private readonly ConcurrentDictionary<string, string> _local = new();

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>Config digest to the first descriptor.</summary>
    public ConcurrentDictionary<string, ImageTarget> Targets { get; } = new();

    /// <summary>Names that a pull finds.</summary>
    public ConcurrentDictionary<string, bool> Registry { get; } = new();

    public bool Has(string nameOrId) => _local.ContainsKey(nameOrId) || _local.Values.Contains(nameOrId);

    public string? IdOf(string nameOrId) => _local.TryGetValue(nameOrId, out var id) ? id : _local.Values.Contains(nameOrId) ? nameOrId : null;

    /// <summary>Adds an image with an index of two platforms, of which one is linux/amd64.</summary>
    public string Add(string name)
    {
        var (layer, config) = (Put(new byte[] { 1, 2, 3 }), Put(JsonSerializer.SerializeToUtf8Bytes(new { name })));
        var manifest = Put(JsonSerializer.SerializeToUtf8Bytes(new { schemaVersion = 2, config = Descriptor(config), layers = new[] { Descriptor(layer) } }));
        var index = Put(JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            manifests = new object[] { Platform(Put([9]), "arm64"), Platform(manifest, "amd64") },
        }));
        Targets[config] = new ImageTarget { MediaType = "application/vnd.oci.image.index.v1+json", Digest = index, Size = Blobs[index].Length };
        _local[name] = config;
        return manifest;
    }

    private string Put(byte[] data)
    {
        var digest = OciArchive.Digest(data);
        Blobs[digest] = data;
        return digest;
    }

    private object Descriptor(string digest) => new { mediaType = "application/octet-stream", digest, size = Blobs[digest].Length };

    private object Platform(string digest, string architecture)
        => new { mediaType = "application/vnd.oci.image.manifest.v1+json", digest, size = Blobs[digest].Length, platform = new { os = "linux", architecture } };
}

internal sealed class FakeImageService(FakeContainerd host) : ImageService.ImageServiceBase
{
    public override Task<ImageStatusResponse> ImageStatus(ImageStatusRequest request, ServerCallContext context)
        => Task.FromResult(host.Images.IdOf(request.Image.Image) is { } id ? new ImageStatusResponse { Image = new Image { Id = id, Size = 6 } } : new ImageStatusResponse());

    public override async Task<PullImageResponse> PullImage(PullImageRequest request, ServerCallContext context)
    {
        await host.EnterAsync("PullImage", request.Image.Image, context.CancellationToken);
        if (!host.Images.Registry.ContainsKey(request.Image.Image)) throw new RpcException(new Status(StatusCode.NotFound, $"{request.Image.Image}: not found"));
        if (!host.Images.Has(request.Image.Image)) host.Images.Add(request.Image.Image);
        return new PullImageResponse { ImageRef = host.Images.IdOf(request.Image.Image) };
    }
}

internal sealed class FakeContentService(FakeContainerd host) : Content.ContentBase
{
    public override async Task Read(ReadContentRequest request, IServerStreamWriter<ReadContentResponse> responseStream, ServerCallContext context)
    {
        if (!host.Images.Blobs.TryGetValue(request.Digest, out var blob)) throw new RpcException(new Status(StatusCode.NotFound, request.Digest));
        await responseStream.WriteAsync(new ReadContentResponse { Data = ByteString.CopyFrom(blob) });
    }
}

internal sealed class FakeImageStoreService(FakeContainerd host) : NodeAgent.Containerd.Images.V1.Images.ImagesBase
{
    public override Task<GetImageResponse> Get(GetImageRequest request, ServerCallContext context)
        => host.Images.Targets.TryGetValue(request.Name, out var target)
            ? Task.FromResult(new GetImageResponse { Image = new NodeAgent.Containerd.Images.V1.Image { Name = request.Name, Target = target } })
            : throw new RpcException(new Status(StatusCode.NotFound, request.Name));
}
