using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Dom0.V1;
using Orchestrator.NodeAgent.Drivers.Cri;
using Orchestrator.NodeAgent.Images;

namespace Orchestrator.NodeAgent.Drivers.Machine;

/// <summary>A disk image by its manifest's digest, or why there is none.</summary>
internal readonly record struct DiskOutcome(string Digest, StepOutcome Outcome);

/// <summary>The disk images of a machine, each by its manifest's digest: of its root disk and, by reference, of its other disks. Or why one is missing.</summary>
internal readonly record struct DisksOutcome(string Root, IReadOnlyDictionary<string, string> More, StepOutcome Outcome);

/// <summary>Sees that dom0 has the disk images of a machine, by sending it those that it hasn't.</summary>
internal sealed class MachineDisks(Dom0Client dom0, ContentStore content, LayoutArchive archive)
{
    private const int ChunkBytes = 1024 * 1024;

    public async Task<DisksOutcome> ProvideAsync(UnitStart start, CancellationToken cancellation)
    {
        var root = await ProvideAsync(start.Image, cancellation);
        Dictionary<string, string> more = [];
        if (root.Outcome.Failed) return new DisksOutcome("", more, root.Outcome);
        foreach (var image in start.MoreImages)
        {
            var other = await ProvideAsync(image, cancellation);
            if (other.Outcome.Failed) return new DisksOutcome("", more, other.Outcome);
            more[image.Reference] = other.Digest;
        }

        return new DisksOutcome(root.Digest, more, StepOutcome.Done);
    }

    private async Task<DiskOutcome> ProvideAsync(ImageId image, CancellationToken cancellation)
    {
        try
        {
            if (await content.ManifestAsync(image.Id, cancellation) is not { } manifest)
                return Failed($"{image.Reference} has no image for linux/amd64 in containerd");
            var digest = manifest.Manifest.Digest;
            if (!await ExistsAsync(digest, cancellation)) await ImportAsync(manifest, cancellation);
            return new DiskOutcome(digest, StepOutcome.Done);
        }
        catch (InvalidDataException broken)
        {
            return Failed(broken.Message);
        }
        catch (RpcException refused) when (CriErrors.IsRefusal(refused))
        {
            return Failed(refused.Status.Detail);
        }
    }

    private async Task<bool> ExistsAsync(string digest, CancellationToken cancellation)
    {
        try
        {
            await dom0.Disks.GetAsync(new GetDiskImageRequest { Digest = digest }, Dom0Client.Within(Dom0Client.Look, cancellation));
            return true;
        }
        catch (RpcException absent) when (absent.StatusCode == StatusCode.NotFound)
        {
            return false;
        }
    }

    private async Task ImportAsync(ImageManifest manifest, CancellationToken cancellation)
    {
        using var call = dom0.Disks.Import(Dom0Client.Within(Dom0Client.Import, cancellation));
        try
        {
            await call.RequestStream.WriteAsync(new ImportDiskImageRequest { Digest = manifest.Manifest.Digest }, cancellation);
            await foreach (var piece in archive.WriteAsync(manifest, cancellation))
                for (var start = 0; start < piece.Length; start += ChunkBytes)
                {
                    var chunk = piece.Slice(start, Math.Min(ChunkBytes, piece.Length - start));
                    await call.RequestStream.WriteAsync(new ImportDiskImageRequest { Data = ByteString.CopyFrom(chunk.Span) }, cancellation);
                }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception ended) when (ended is InvalidOperationException or RpcException { StatusCode: StatusCode.Cancelled } && !cancellation.IsCancellationRequested)
        {
            // dom0 has ended the call while we wrote: its answer below says why.
        }

        await call.ResponseAsync;
    }

    private static DiskOutcome Failed(string message) => new("", new StepOutcome("DiskImageError", message));
}
