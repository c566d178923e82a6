using System.Text.Json;
using Google.Protobuf;
using Orchestrator.Agents.V1;
using Orchestrator.Silo.Agents;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Rest.Answers;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Rest.Streams;

/// <summary>
/// <c>exec</c> and <c>attach</c>: Kubernetes' remotecommand over WebSocket. What fails before the container is reached is a plain
/// refusal; after that the outcome is a Status on the error channel, and the exit code is in it.
/// </summary>
internal sealed class ContainerVerbs(ContainerStreams streams, ChannelSessions sessions)
{
    private const byte Stdin = 0;
    private const byte Stdout = 1;
    private const byte Stderr = 2;
    private const byte Outcome = 3;
    private const byte Resize = 4;

    private sealed record TerminalSize(ushort Width, ushort Height);

    public Task Exec(RestCall call) => Run(call, streams.Exec, call.Http.Request.Query["command"]!);

    public Task Attach(RestCall call) => Run(call, streams.Attach, []);

    private async Task Run(RestCall call, Func<ContainerRequest, CancellationToken, Task<(AgentStream? Stream, ApiError? Error)>> open, IReadOnlyList<string> command)
    {
        var query = call.Http.Request.Query;
        bool Flag(string name) => query[name] is [{ } text, ..] && text is "1" or "true";
        var request = new ContainerRequest(call.Path.Namespace, call.Path.Name, query["container"].ToString(), command, Flag("stdin"), Flag("tty"));
        AgentStream? stream = null;
        var error = ChannelSocket.Refuse(call.Http, ChannelSocket.RemoteCommand);
        if (error is null) (stream, error) = await open(request, call.Cancellation);
        if (stream is null)
        {
            await call.Refuse(error!);
            return;
        }

        using var opened = stream;
        await sessions.Run(
            call, ChannelSocket.RemoteCommand, (data, ending) => FrameOf(data) is { } frame ? stream.Send(frame, ending) : Task.CompletedTask,
            (socket, ending) => Tell(socket, stream, Flag("stdout"), Flag("stderr"), ending));
    }

    private static async Task Tell(ChannelSocket socket, AgentStream stream, bool stdout, bool stderr, CancellationToken cancellation)
    {
        var outcome = StatusAnswer.Succeeded;
        await foreach (var frame in stream.Frames(cancellation))
        {
            if (frame.FrameCase == AgentFrame.FrameOneofCase.Stdout && stdout) await socket.Send(Stdout, frame.Stdout.Memory, cancellation);
            if (frame.FrameCase == AgentFrame.FrameOneofCase.Stderr && stderr) await socket.Send(Stderr, frame.Stderr.Memory, cancellation);
            if (frame is { FrameCase: AgentFrame.FrameOneofCase.ExitCode, ExitCode: not 0 }) outcome = StatusAnswer.Exited(frame.ExitCode);
            if (AgentErrors.Of(frame) is { } failed) outcome = StatusAnswer.Encode(failed, default);
        }

        await socket.Send(Outcome, outcome, cancellation);
    }

    private static SiloFrame? FrameOf(ChannelData said) => (said.Channel, said.Closed) switch
    {
        (Stdin, true) => new SiloFrame { EndOfStdin = true },
        (Stdin, false) when said.Data.Length > 0 => new SiloFrame { Stdin = ByteString.CopyFrom(said.Data.Span) },
        (Resize, false) when SizeOf(said.Data.Span) is { } size => new SiloFrame { Resize = new Resize { Columns = size.Width, Rows = size.Height } },
        _ => null,
    };

    /// <summary>A size that can't be read changes nothing.</summary>
    private static TerminalSize? SizeOf(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<TerminalSize>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
