using System.Net.Sockets;

namespace Orchestrator.NodeAgent.Probes;

/// <summary>Healthy if the port takes a connection.</summary>
internal sealed class TcpProbe(string host, int port) : IProbeAction
{
    public async Task<ProbeOutcome> RunAsync(CancellationToken cancellation)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(host, port, cancellation);
            return ProbeOutcome.Healthy;
        }
        catch (SocketException refused)
        {
            return ProbeOutcome.Failed($"connect {host}:{port}: {refused.Message}");
        }
    }
}
