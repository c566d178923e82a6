using Grpc.Net.Client;
using Orchestrator.Agents.V1;

namespace Orchestrator.NodeAgent.Connection;

/// <summary>The channel to the silos.</summary>
internal sealed class SiloClient : IDisposable
{
    private readonly GrpcChannel _channel;

    public SiloClient(string endpoint)
    {
        _channel = Endpoint.Open(endpoint);
        Calls = new AgentSession.AgentSessionClient(_channel);
    }

    public AgentSession.AgentSessionClient Calls { get; }

    public void Dispose() => _channel.Dispose();
}
