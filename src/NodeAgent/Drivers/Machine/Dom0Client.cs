using Grpc.Core;
using Grpc.Net.Client;
using Orchestrator.Dom0.V1;
using Orchestrator.NodeAgent.Connection;

namespace Orchestrator.NodeAgent.Drivers.Machine;

/// <summary>The services of this host's dom0.</summary>
internal sealed class Dom0Client : IDisposable
{
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Act = TimeSpan.FromMinutes(2);
    public static readonly TimeSpan Import = TimeSpan.FromMinutes(15);

    private readonly GrpcChannel _channel;

    private Dom0Client(GrpcChannel channel)
    {
        _channel = channel;
        Domains = new Domains.DomainsClient(channel);
        Disks = new DiskImages.DiskImagesClient(channel);
    }

    public Domains.DomainsClient Domains { get; }

    public DiskImages.DiskImagesClient Disks { get; }

    public static Dom0Client Open(string endpoint) => new(Endpoint.Open(endpoint));

    public static CallOptions Within(TimeSpan limit, CancellationToken cancellation) => Deadlines.Within(limit, cancellation);

    public void Dispose() => _channel.Dispose();
}
