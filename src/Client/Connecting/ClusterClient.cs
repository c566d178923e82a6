using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Orchestrator.Api.V1;
using AdminClient = Orchestrator.Api.V1.Admin.AdminClient;
using ObjectsClient = Orchestrator.Api.V1.Objects.ObjectsClient;
using WorkloadsClient = Orchestrator.Api.V1.Workloads.WorkloadsClient;

namespace Orchestrator.Client;

/// <summary>One server's channel and clients, and how calls on it are bounded and repeated.</summary>
public sealed class ClusterClient : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly ClusterClientOptions _options;
    private IReadOnlyList<KindInfo>? _kinds;

    private ClusterClient(ClusterAddress address, GrpcChannel channel, ClusterClientOptions options)
    {
        Address = address;
        _channel = channel;
        _options = options;
        Retry = new RetryPolicy(options.Time);
        var invoker = options.Interceptor is { } interceptor ? channel.Intercept(interceptor) : channel.CreateCallInvoker();
        Objects = new ObjectsClient(invoker);
        Workloads = new WorkloadsClient(invoker);
        Admin = new AdminClient(invoker);
    }

    /// <summary>Where the server listens.</summary>
    public ClusterAddress Address { get; }

    /// <summary>The namespace of objects that name none.</summary>
    public string Namespace => _options.Namespace;

    /// <summary>How calls are repeated while the server is away.</summary>
    public RetryPolicy Retry { get; }

    /// <summary>Objects of any kind in any form; <see cref="Of{T}"/> is the typed way.</summary>
    public ObjectsClient Objects { get; }

    /// <summary>Logs, commands, consoles, ports and placement of workloads.</summary>
    public WorkloadsClient Workloads { get; }

    /// <summary>Backup and restore.</summary>
    public AdminClient Admin { get; }

    /// <summary>
    /// The server and namespace that orc would use too: <c>$ORC_SERVER</c>, else the named or current context of the configuration file,
    /// else the machine's own silo.
    /// </summary>
    /// <exception cref="ConfigException">The file can't be read, or has no such context.</exception>
    public static ClusterClient FromConfig(string? context = null, ClusterClientOptions? options = null)
    {
        var file = ConfigFile.Locate(Environment.GetEnvironmentVariable);
        var config = file.Read();
        var name = context ?? config.CurrentContext;
        var chosen = name.Length == 0 ? null : config.Find(name) ?? throw new ConfigException($"context \"{name}\" does not exist in {file.Path}");
        options ??= new ClusterClientOptions { Namespace = chosen is { Namespace.Length: > 0 } ? chosen.Namespace : "default" };
        var given = context is null ? Environment.GetEnvironmentVariable("ORC_SERVER") : null;
        return Open(ClusterAddress.Parse(given is { Length: > 0 } ? given : chosen?.Server ?? ClusterAddress.Default), options);
    }

    /// <param name="address">Where the server listens. Nothing is sent before the first call.</param>
    /// <param name="options">How to call.</param>
    public static ClusterClient Open(ClusterAddress address, ClusterClientOptions? options = null)
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
        return new ClusterClient(address, channel, options ?? new ClusterClientOptions());
    }

    /// <summary>Objects of one kind.</summary>
    /// <param name="ns">Where; null: <see cref="Namespace"/>; empty: everywhere, for reading only.</param>
    public ObjectClient<T> Of<T>(string? ns = null) where T : class, IMessage<T>, new() => new(this, ns ?? Namespace);

    /// <summary>One unary call, repeated while the server is away. A write must carry a request id.</summary>
    /// <exception cref="RpcException">The server refused, or is away for too long.</exception>
    public Task<T> CallAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellation) => CallAsync(call, Retry, cancellation);

    internal Task<T> CallAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, RetryPolicy retry, CancellationToken cancellation) =>
        retry.RunAsync(async () => await call(UnaryOptions(cancellation)).ResponseAsync, cancellation);

    /// <summary>The server's kinds, asked once.</summary>
    public async Task<IReadOnlyList<KindInfo>> ServedKindsAsync(CancellationToken cancellation) =>
        _kinds ??= (await CallAsync(o => Objects.KindsAsync(new KindsRequest(), o), cancellation)).Kinds;

    /// <summary>Ends its connections.</summary>
    public void Dispose() => _channel.Dispose();

    private CallOptions UnaryOptions(CancellationToken cancellation)
    {
        DateTime? deadline = _options.RequestTimeout > TimeSpan.Zero ? _options.Time.GetUtcNow().UtcDateTime + _options.RequestTimeout : null;
        return new CallOptions(deadline: deadline, cancellationToken: cancellation);
    }

    private static EndPoint EndPointOf(ClusterAddress address, DnsEndPoint named)
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
