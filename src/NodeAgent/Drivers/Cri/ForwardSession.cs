using System.Globalization;
using System.Text;
using Orchestrator.Agents.V1;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>
/// One connection by Kubernetes' protocol <c>portforward.k8s.io</c>: a stream of data, and one of errors that ends, empty or with
/// words, when the connection has.
/// </summary>
internal sealed class ForwardSession : IDisposable
{
    private const string Protocol = "portforward.k8s.io";
    private readonly SpdyConnection _connection;
    private int _error;
    private int _data;

    private ForwardSession(SpdyConnection connection) => _connection = connection;

    /// <exception cref="IOException">The stream server is away or refuses.</exception>
    public static async Task<ForwardSession> ConnectAsync(Uri address, int port, CancellationToken cancellation)
    {
        var session = new ForwardSession(await SpdyConnection.UpgradeAsync(address, Protocol, cancellation));
        try
        {
            session._error = await session.OpenAsync("error", port, cancellation);
            session._data = await session.OpenAsync("data", port, cancellation);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <returns>Why the connection could not be made or broke; empty if it was made and has ended.</returns>
    public Task<string> RunAsync(WorkloadStream stream, CancellationToken cancellation) =>
        WorkloadStream.BesideInputAsync(token => SendInputAsync(stream, token), () => ReceiveAsync(stream, cancellation), cancellation);

    public void Dispose() => _connection.Dispose();

    private Task<int> OpenAsync(string type, int port, CancellationToken cancellation) => _connection.OpenAsync(
        cancellation, ("streamtype", type), ("port", port.ToString(CultureInfo.InvariantCulture)), ("requestid", "0"));

    private async Task<string> ReceiveAsync(WorkloadStream stream, CancellationToken cancellation)
    {
        using var error = new MemoryStream();
        while (await _connection.ReadAsync(cancellation) is { } received)
        {
            if (received.Stream == _data && received.Data.Length > 0) await stream.WriteOutputAsync(received.Data, cancellation);
            if (received.Stream != _error) continue;
            error.Write(received.Data.Span);
            // The server ends it when it has sent all data.
            if (received.IsLast) break;
        }

        return Encoding.UTF8.GetString(error.ToArray());
    }

    private async Task SendInputAsync(WorkloadStream stream, CancellationToken cancellation)
    {
        await foreach (var frame in stream.Input.ReadAllAsync(cancellation))
        {
            if (frame.FrameCase == SiloFrame.FrameOneofCase.Stdin) await _connection.SendAsync(_data, frame.Stdin.Memory, isLast: false, cancellation);
            if (frame.FrameCase == SiloFrame.FrameOneofCase.EndOfStdin) await _connection.SendAsync(_data, default, isLast: true, cancellation);
        }
    }
}
