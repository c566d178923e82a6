using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Orchestrator.Api.V1;
using AdminClient = Orchestrator.Api.V1.Admin.AdminClient;
using ObjectsClient = Orchestrator.Api.V1.Objects.ObjectsClient;
using WorkloadsClient = Orchestrator.Api.V1.Workloads.WorkloadsClient;

namespace Orchestrator.Cli.Connection;

/// <summary>One server's channel and clients, and how calls on it are bounded and repeated.</summary>
internal sealed class ServerConnection : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly TimeSpan _requestTimeout;
    private readonly TimeProvider _time;
    private KindIndex? _kinds;

    private ServerConnection(ServerAddress address, GrpcChannel channel, CallInvoker invoker, TimeSpan requestTimeout, TimeProvider time)
    {
        Address = address;
        _channel = channel;
        _requestTimeout = requestTimeout;
        _time = time;
        Retry = new RetryPolicy(time);
        Objects = new ObjectsClient(invoker);
        Workloads = new WorkloadsClient(invoker);
        Admin = new AdminClient(invoker);
    }

    public ServerAddress Address { get; }
    public RetryPolicy Retry { get; }
    public ObjectsClient Objects { get; }
    public WorkloadsClient Workloads { get; }
    public AdminClient Admin { get; }

    /// <param name="address">Where the server listens. Nothing is sent before the first call.</param>
    /// <param name="requestTimeout">Bounds each unary call; zero means no bound.</param>
    /// <param name="trace">Where calls are told, or null.</param>
    /// <param name="time">The clock of deadlines and of the waits between attempts.</param>
    public static ServerConnection Open(ServerAddress address, TimeSpan requestTimeout, TextWriter? trace, TimeProvider time)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = address.Uri.Scheme == Uri.UriSchemeHttps,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
            // A propagator reads diagnostics that a short command never has.
            ActivityHeadersPropagator = null,
            // With a callback of ours gRPC leaves out its load balancer, which would cost 50 ms of each command.
            ConnectCallback = (context, cancellation) => ConnectAsync(EndPointOf(address, context.DnsEndPoint), cancellation),
        };
        var channel = GrpcChannel.ForAddress(address.Uri, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
            MaxSendMessageSize = null,
        });
        var invoker = trace is null ? channel.CreateCallInvoker() : channel.Intercept(new CallTrace(trace, time));
        return new ServerConnection(address, channel, invoker, requestTimeout, time);
    }

    /// <summary>One unary call, repeated while the server is away. A write must carry a request id.</summary>
    public Task<T> CallAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellation) =>
        Retry.RunAsync(async () => await call(UnaryOptions(cancellation)).ResponseAsync, cancellation);

    /// <summary>The server's kinds, asked once.</summary>
    public async Task<KindIndex> KindsAsync(CancellationToken cancellation) =>
        _kinds ??= new KindIndex((await CallAsync(o => Objects.KindsAsync(new KindsRequest(), o), cancellation)).Kinds);

    public void Dispose() => _channel.Dispose();

    private CallOptions UnaryOptions(CancellationToken cancellation)
    {
        DateTime? deadline = _requestTimeout > TimeSpan.Zero ? _time.GetUtcNow().UtcDateTime + _requestTimeout : null;
        return new CallOptions(deadline: deadline, cancellationToken: cancellation);
    }

    private static EndPoint EndPointOf(ServerAddress address, DnsEndPoint named)
    {
        if (address.SocketPath is { } path) return new UnixDomainSocketEndPoint(path);
        return IPAddress.TryParse(named.Host, out var literal) ? new IPEndPoint(literal, named.Port) : named;
    }

    private static async ValueTask<Stream> ConnectAsync(EndPoint end, CancellationToken cancellation)
    {
        var socket = end switch
        {
            UnixDomainSocketEndPoint => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
            IPEndPoint ip => new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true },
            _ => new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true },
        };
        try
        {
            await socket.ConnectAsync(end, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
