using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.Silo.Agents;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Rest.Answers;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Rest.Streams;

/// <summary>
/// <c>portforward</c>: Kubernetes' v4.channel.k8s.io over WebSocket. Port <c>i</c> of the query has channel <c>2i</c> for data and
/// <c>2i+1</c> for the words of its failure; each begins with the port's number, 16 bits, the low byte first. Each port is one connection,
/// the socket ends with the last of them, and one that fails disturbs no other. A channel can't be closed or held back alone: who wants
/// that takes a socket a port.
/// </summary>
internal sealed class ForwardVerb(PortStreams streams, ChannelSessions sessions)
{
    public async Task Forward(RestCall call)
    {
        IReadOnlyList<AgentStream> connections = [];
        var error = ChannelSocket.Refuse(call.Http, ChannelSocket.PortForward);
        var (ports, invalid) = ForwardedPorts.Read(call.Http.Request.Query["ports"]);
        error ??= invalid;
        if (error is null) (connections, error) = await Open(call, ports);
        if (error is not null)
        {
            await call.Refuse(error);
            return;
        }

        try
        {
            await sessions.Run(
                call, ChannelSocket.PortForward, (data, ending) => Take(connections, data, ending),
                (socket, ending) => Task.WhenAll(connections.Select((connection, i) => Tell(socket, connection, i, ports[i], ending))));
        }
        finally
        {
            foreach (var connection in connections) connection.Dispose();
        }
    }

    /// <summary>All of them, or none and why.</summary>
    private async Task<(IReadOnlyList<AgentStream> Connections, ApiError? Error)> Open(RestCall call, IReadOnlyList<int> ports)
    {
        var opened = await Task.WhenAll(ports.Select(port => streams.Open(call.Kind, call.Path.Namespace, call.Path.Name, port, call.Cancellation)));
        var connections = opened.Select(one => one.Stream).OfType<AgentStream>().ToList();
        if (connections.Count == ports.Count) return (connections, null);
        foreach (var connection in connections) connection.Dispose();
        return ([], opened.Select(one => one.Error).First(error => error is not null));
    }

    private static async Task Tell(ChannelSocket socket, AgentStream connection, int index, int port, CancellationToken cancellation)
    {
        var (data, error) = ((byte)(2 * index), (byte)(2 * index + 1));
        var number = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(number, (ushort)port);
        await socket.Send(data, number, cancellation);
        await socket.Send(error, number, cancellation);
        try
        {
            await foreach (var frame in connection.Frames(cancellation))
            {
                if (frame.FrameCase == AgentFrame.FrameOneofCase.Stdout) await socket.Send(data, frame.Stdout.Memory, cancellation);
                if (AgentErrors.Of(frame) is { } failed) await socket.Send(error, Encoding.UTF8.GetBytes(failed.Message), cancellation);
            }
        }
        catch (RpcException lost)
        {
            await socket.Send(error, Encoding.UTF8.GetBytes(lost.Status.Detail), cancellation);
        }
    }

    private static Task Take(IReadOnlyList<AgentStream> connections, ChannelData said, CancellationToken cancellation) =>
        said.Data.Length == 0 || said.Channel % 2 != 0 || said.Channel / 2 >= connections.Count
            ? Task.CompletedTask
            : connections[said.Channel / 2].Send(new SiloFrame { Stdin = ByteString.CopyFrom(said.Data.Span) }, cancellation);
}
