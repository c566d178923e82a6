using Grpc.Core;
using Orchestrator.NodeAgent.Cri.V1;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Drivers.Cri;

namespace Orchestrator.NodeAgent.Images;

/// <summary>A pulled image, or why the runtime couldn't pull it, in its own words.</summary>
internal readonly record struct PullOutcome(ImageId? Image, ulong SizeBytes, string Message);

/// <summary>The images of this host. They are containerd's; pods and machines share them.</summary>
internal sealed class ImageStore(ContainerdClient containerd)
{
    private static readonly TimeSpan PullLimit = TimeSpan.FromMinutes(15);

    /// <summary>Null if the image isn't here.</summary>
    public async Task<ImageId?> FindAsync(string image, CancellationToken cancellation) => (await StatusAsync(image, cancellation))?.Id is { } id
        ? new ImageId(image, id) : null;

    public async Task<PullOutcome> PullAsync(string image, CancellationToken cancellation)
    {
        try
        {
            var request = new PullImageRequest { Image = new ImageSpec { Image = image } };
            var answer = await containerd.Images.PullImageAsync(request, ContainerdClient.Within(PullLimit, cancellation));
            var found = await StatusAsync(answer.ImageRef, cancellation);
            return found is null
                ? new PullOutcome(null, 0, $"{image} was pulled and is not there")
                : new PullOutcome(new ImageId(image, found.Id), found.Size, "");
        }
        catch (RpcException refused) when (CriErrors.IsRefusal(refused))
        {
            return new PullOutcome(null, 0, refused.Status.Detail);
        }
    }

    private async Task<Image?> StatusAsync(string image, CancellationToken cancellation)
    {
        try
        {
            var request = new ImageStatusRequest { Image = new ImageSpec { Image = image } };
            return (await containerd.Images.ImageStatusAsync(request, ContainerdClient.Within(ContainerdClient.Look, cancellation))).Image;
        }
        catch (RpcException invalid) when (CriErrors.IsRefusal(invalid))
        {
            // containerd refuses a malformed name here; a pull of it says so in words for the user.
            return null;
        }
    }
}
