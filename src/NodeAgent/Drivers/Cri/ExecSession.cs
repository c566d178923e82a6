using System.Text.Json;
using Orchestrator.Agents.V1;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>
/// One exec or attach by Kubernetes' remote command protocol <c>v4.channel.k8s.io</c>: a stream each for stdin, stdout, stderr, the
/// terminal's size, and <c>error</c>, on which a JSON Status says how it ended.
/// </summary>
internal sealed class ExecSession : IDisposable
{
    private const string Protocol = "v4.channel.k8s.io";
    private const string StreamType = "streamtype";
    private readonly SpdyConnection _connection;
    private readonly ExecTarget _target;
    private int _error;
    private int _stdin;
    private int _stdout;
    private int _stderr;
    private int _resize;

    private ExecSession(SpdyConnection connection, ExecTarget target) => (_connection, _target) = (connection, target);

    /// <exception cref="IOException">The stream server is away or refuses.</exception>
    public static async Task<ExecSession> ConnectAsync(Uri address, ExecTarget target, CancellationToken cancellation)
    {
        var session = new ExecSession(await SpdyConnection.UpgradeAsync(address, Protocol, cancellation), target);
        try
        {
            await session.OpenStreamsAsync(cancellation);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public async Task<StreamEnd> RunAsync(WorkloadStream stream, CancellationToken cancellation)
    {
        if (_target is { Tty: true, Columns: > 0, Rows: > 0 }) await ResizeAsync(_target.Columns, _target.Rows, cancellation);
        return await WorkloadStream.BesideInputAsync(token => SendInputAsync(stream, token), () => ReceiveAsync(stream, cancellation), cancellation);
    }

    public void Dispose() => _connection.Dispose();

    private async Task OpenStreamsAsync(CancellationToken cancellation)
    {
        _error = await _connection.OpenAsync(cancellation, (StreamType, "error"));
        if (_target.Stdin) _stdin = await _connection.OpenAsync(cancellation, (StreamType, "stdin"));
        _stdout = await _connection.OpenAsync(cancellation, (StreamType, "stdout"));
        if (_target.Tty) _resize = await _connection.OpenAsync(cancellation, (StreamType, "resize"));
        else _stderr = await _connection.OpenAsync(cancellation, (StreamType, "stderr"));
    }

    private async Task<StreamEnd> ReceiveAsync(WorkloadStream stream, CancellationToken cancellation)
    {
        using var status = new MemoryStream();
        while (await _connection.ReadAsync(cancellation) is { } received)
        {
            if (received.Stream == _error)
            {
                status.Write(received.Data.Span);
                if (received.IsLast || ExecStatus.IsWhole(status.ToArray())) break;
            }
            else if (received.Data.Length == 0) continue;
            else if (received.Stream == _stdout) await stream.WriteOutputAsync(received.Data, cancellation);
            else if (received.Stream == _stderr) await stream.WriteErrorAsync(received.Data, cancellation);
        }

        return status.Length == 0 ? StreamEnd.Unavailable("the stream ended without its exit code") : ExecStatus.Read(status.ToArray());
    }

    private async Task SendInputAsync(WorkloadStream stream, CancellationToken cancellation)
    {
        await foreach (var frame in stream.Input.ReadAllAsync(cancellation))
        {
            if (frame.FrameCase == SiloFrame.FrameOneofCase.Resize && _resize > 0) await ResizeAsync(frame.Resize.Columns, frame.Resize.Rows, cancellation);
            if (_stdin == 0) continue;
            if (frame.FrameCase == SiloFrame.FrameOneofCase.Stdin) await _connection.SendAsync(_stdin, frame.Stdin.Memory, isLast: false, cancellation);
            if (frame.FrameCase == SiloFrame.FrameOneofCase.EndOfStdin) await _connection.SendAsync(_stdin, default, isLast: true, cancellation);
        }
    }

    private Task ResizeAsync(int columns, int rows, CancellationToken cancellation) => _connection.SendAsync(
        _resize, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, int> { ["Width"] = columns, ["Height"] = rows }), isLast: false, cancellation);
}
