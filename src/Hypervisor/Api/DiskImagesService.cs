using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Orchestrator.Dom0.V1;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Domains.Storage;
using Orchestrator.Hypervisor.Images;

namespace Orchestrator.Hypervisor.Api;

/// <summary>The contract's DiskImages.</summary>
internal sealed class DiskImagesService : DiskImages.DiskImagesBase
{
    private readonly DiskImageStore _images;
    private readonly DomainDisks _disks;
    private readonly DomainRegistry _registry;

    public DiskImagesService(DiskImageStore images, DomainDisks disks, DomainRegistry registry)
    {
        _images = images;
        _disks = disks;
        _registry = registry;
    }

    public override Task<DiskImage> Get(GetDiskImageRequest request, ServerCallContext context) =>
        Task.FromResult(ToWire(_images.Find(request.Digest) ?? throw Unknown(request.Digest)));

    public override async Task<DiskImage> Import(IAsyncStreamReader<ImportDiskImageRequest> requestStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken)
            || requestStream.Current.PartCase is not ImportDiskImageRequest.PartOneofCase.Digest
            || !OciLayout.IsDigest(requestStream.Current.Digest))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "digest: the first message must be a digest, sha256: and 64 hexadecimal digits"));
        }

        var digest = requestStream.Current.Digest;
        try
        {
            await using var archive = new ImportStream(requestStream);
            return ToWire(await _images.ImportAsync(digest, archive, context.CancellationToken));
        }
        catch (InvalidImageException error)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"image {digest}: {error.Message}"));
        }
        catch (IOException error) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"image {digest}: {error.Message}"));
        }
    }

    public override Task<ListDiskImagesResponse> List(ListDiskImagesRequest request, ServerCallContext context)
    {
        var response = new ListDiskImagesResponse();
        response.Images.AddRange(_images.List().Select(ToWire));
        return Task.FromResult(response);
    }

    public override async Task<RemoveDiskImageResponse> Remove(RemoveDiskImageRequest request, ServerCallContext context)
    {
        if (_registry.IsImageInUse(request.Digest))
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, $"a domain uses the image {request.Digest}"));
        }

        if (_images.Find(request.Digest) is null)
        {
            throw Unknown(request.Digest);
        }

        await _disks.ForgetImageAsync(request.Digest);
        _images.Remove(request.Digest);
        return new RemoveDiskImageResponse();
    }

    private static RpcException Unknown(string digest) => new(new Status(StatusCode.NotFound, $"there is no disk image {digest}"));

    private static DiskImage ToWire(StoredImage image) => new()
    {
        Digest = image.Config.Digest,
        SizeBytes = image.SizeBytes,
        CreatedAt = Timestamp.FromDateTimeOffset(image.Config.CreatedAt),
    };
}
