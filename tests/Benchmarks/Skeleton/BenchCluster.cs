extern alias contracts;
using System.Globalization;
using System.Net.Sockets;
using contracts::Orchestrator.Dom0.V1;
using Grpc.Net.Client;
using Orchestrator.Api.V1;
using Orchestrator.NodeAgent.Cri.V1;

namespace Orchestrator.Benchmarks.Skeleton;

/// <summary>The cluster of one host that <c>./dev bench</c> brought up: where its doors are.</summary>
internal sealed class BenchCluster : IDisposable
{
    public const string Host = "host-1";
    public const string Image = "localhost/orchestrator/web:1";

    private readonly GrpcChannel _silo;
    private readonly GrpcChannel _containerd;
    private readonly GrpcChannel _dom0;

    public BenchCluster(string directory, int port)
    {
        Directory = directory;
        HostDirectory = Path.Combine(directory, "hosts", Host);
        // ./dev names both after the cluster.
        CgroupParent = $"/orchestrator-{Path.GetFileName(directory)["orchestrator-dev-".Length..]}/{Host}/pods";
        _silo = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        _containerd = OverUnixSocket(Path.Combine(HostDirectory, "containerd.sock"));
        _dom0 = OverUnixSocket(Path.Combine(HostDirectory, "dom0.sock"));
        Objects = new(_silo);
        Runtime = new(_containerd);
        Domains = new(_dom0);
    }

    public string Directory { get; }
    public string HostDirectory { get; }
    public string CgroupParent { get; }
    public Api.V1.Objects.ObjectsClient Objects { get; }
    public RuntimeService.RuntimeServiceClient Runtime { get; }
    public Domains.DomainsClient Domains { get; }

    public static string Published(string path) => Path.Combine(Environment.CurrentDirectory, "artifacts/publish", path);

    public int ProcessId(string name) => int.Parse(
        File.ReadAllText(Path.Combine(Directory, "run", $"{name}.pid")).Split(' ')[0], CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _silo.Dispose();
        _containerd.Dispose();
        _dom0.Dispose();
    }

    private static GrpcChannel OverUnixSocket(string path) => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        },
        DisposeHttpClient = true,
    });
}
