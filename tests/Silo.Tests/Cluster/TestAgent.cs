using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Orchestrator.Agents.V1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Silo.Tests.Cluster;

/// <summary>The agent's side of a session, spoken by the test.</summary>
internal sealed class TestAgent : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<AgentMessage, SiloMessage> _call;
    private readonly CancellationToken _limit;

    private TestAgent(string socket, CancellationToken limit)
    {
        _limit = limit;
        _channel = GrpcChannel.ForAddress("http://silo", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellation) =>
                {
                    var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                    return new NetworkStream(connection, ownsSocket: true);
                },
            },
        });
        _call = new AgentSession.AgentSessionClient(_channel).Connect(cancellationToken: limit);
    }

    public long Epoch { get; private set; }

    public static async Task<TestAgent> Connect(SiloProcess silo, string host, HostFacts? facts = null)
    {
        var agent = new TestAgent(silo.AgentSocket, TestContext.Current.CancellationToken);
        await agent.Say(new AgentMessage { Hello = new Hello { Host = host, AgentVersion = "test", Facts = facts ?? Facts() } });
        agent.Epoch = (await agent.Next(SiloMessage.MessageOneofCase.Welcome)).Welcome.Epoch;
        return agent;
    }

    public static HostFacts Facts(string memory = "4Gi", string runtimeClass = "container") => new()
    {
        Status = new NodeStatus
        {
            Allocatable = { ["cpu"] = "2", ["memory"] = memory, ["pods"] = "1000" },
            Capacity = { ["cpu"] = "2", ["memory"] = memory, ["pods"] = "1000" },
            RuntimeClasses = { new NodeRuntimeClass { Name = runtimeClass, Available = true } },
        },
    };

    public Task Say(AgentMessage message) => _call.RequestStream.WriteAsync(message, _limit);

    /// <summary>The next message of a kind; others in between (heartbeat answers) are passed over.</summary>
    public async Task<SiloMessage> Next(SiloMessage.MessageOneofCase wanted)
    {
        while (await _call.ResponseStream.MoveNext(_limit))
        {
            if (_call.ResponseStream.Current.MessageCase == wanted) return _call.ResponseStream.Current;
        }

        throw new InvalidOperationException($"The session ended before {wanted} came.");
    }

    /// <summary>The stream that the silo asks for next, opened as an agent does it.</summary>
    public async Task<(OpenStream Asked, AsyncDuplexStreamingCall<AgentFrame, SiloFrame> Call)> NextStream()
    {
        var asked = (await Next(SiloMessage.MessageOneofCase.OpenStream)).OpenStream;
        var call = new AgentSession.AgentSessionClient(_channel).Stream(cancellationToken: _limit);
        await call.RequestStream.WriteAsync(new AgentFrame { StreamId = asked.StreamId }, _limit);
        return (asked, call);
    }

    public async Task<Pod> NextPod() => (await Next(SiloMessage.MessageOneofCase.Change)).Change.Assignment.Pod;

    public Task Report(Pod pod, string phase) => Say(new AgentMessage
    {
        Report = new WorkloadReport { Workload = Reference(pod.Metadata), Pod = new PodStatus { Phase = phase, PodIp = "10.0.0.9" } },
    });

    public Task Gone(Pod pod) => Say(new AgentMessage { Gone = new WorkloadGone { Workload = Reference(pod.Metadata) } });

    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }

    private static WorkloadRef Reference(ObjectMeta metadata) => new() { Namespace = metadata.Namespace, Name = metadata.Name, Uid = metadata.Uid };
}
