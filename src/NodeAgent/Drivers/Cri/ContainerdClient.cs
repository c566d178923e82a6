using Grpc.Core;
using Grpc.Net.Client;
using Orchestrator.NodeAgent.Connection;
using Orchestrator.NodeAgent.Containerd.Content.V1;
using Orchestrator.NodeAgent.Containerd.Events.V1;
using Orchestrator.NodeAgent.Cri.V1;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>The services of one containerd: CRI, and the few of its own that CRI lacks.</summary>
internal sealed class ContainerdClient : IDisposable
{
    public const string Namespace = "k8s.io";

    /// <summary>For calls that only look.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    /// <summary>For calls that start, stop or remove.</summary>
    public static readonly TimeSpan Act = TimeSpan.FromMinutes(2);

    private readonly GrpcChannel _channel;

    private ContainerdClient(GrpcChannel channel) => _channel = channel;

    public RuntimeService.RuntimeServiceClient Runtime => field ??= new RuntimeService.RuntimeServiceClient(_channel);

    public ImageService.ImageServiceClient Images => field ??= new ImageService.ImageServiceClient(_channel);

    public Containerd.Images.V1.Images.ImagesClient ImageStore => field ??= new Containerd.Images.V1.Images.ImagesClient(_channel);

    public Content.ContentClient Content => field ??= new Content.ContentClient(_channel);

    public Events.EventsClient Events => field ??= new Events.EventsClient(_channel);

    public static ContainerdClient Open(string endpoint) => new(Endpoint.Open(endpoint));

    /// <summary>Options of a CRI call.</summary>
    public static CallOptions Within(TimeSpan limit, CancellationToken cancellation) => Deadlines.Within(limit, cancellation);

    /// <summary>Options of a call to containerd's own services; without a limit for streams.</summary>
    public static CallOptions Own(CancellationToken cancellation, TimeSpan? limit = null)
        => (limit is { } known ? Deadlines.Within(known, cancellation) : new CallOptions(cancellationToken: cancellation))
            .WithHeaders([new Metadata.Entry("containerd-namespace", Namespace)]);

    public void Dispose() => _channel.Dispose();
}
