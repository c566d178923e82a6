using System.Net.Sockets;
using Grpc.Net.Client;

namespace Orchestrator.NodeAgent.Connection;

/// <summary>Opens gRPC channels to <c>unix:///path</c> and <c>http://address:port</c>.</summary>
internal static class Endpoint
{
    private const string UnixScheme = "unix://";
    private const int MaximumMessageBytes = 16 * 1024 * 1024;

    public static bool IsValid(string endpoint)
        => (endpoint.StartsWith(UnixScheme, StringComparison.Ordinal) && endpoint.Length > UnixScheme.Length + 1 && endpoint[UnixScheme.Length] == '/')
            || (Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp);

    public static GrpcChannel Open(string endpoint)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
        };
        var unix = endpoint.StartsWith(UnixScheme, StringComparison.Ordinal);
        if (unix) handler.ConnectCallback = (_, cancellation) => ConnectUnixAsync(endpoint[UnixScheme.Length..], cancellation);
        return GrpcChannel.ForAddress(unix ? "http://localhost" : endpoint, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaximumMessageBytes,
            // The callers have their own back-off, which knows what it waits for.
            MaxReconnectBackoff = TimeSpan.FromSeconds(1),
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(100),
        });
    }

    private static async ValueTask<Stream> ConnectUnixAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException failed)
        {
            socket.Dispose();
            throw new SocketException(failed.ErrorCode, $"{path}: {failed.Message}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
