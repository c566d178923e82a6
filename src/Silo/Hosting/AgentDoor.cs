using Grpc.Core;
using Microsoft.AspNetCore.Connections;

namespace Orchestrator.Silo.Hosting;

/// <summary>
/// Marks the connections that came through the agents' unix socket, which only root may open. The agent session is served there and
/// nowhere else.
/// </summary>
internal sealed class AgentDoor
{
    private static readonly AgentDoor Mark = new();

    public static ConnectionDelegate Tag(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(Mark);
        return next(connection);
    };

    /// <exception cref="RpcException">The call came through another door.</exception>
    public static void Require(ServerCallContext context)
    {
        if (context.GetHttpContext().Features.Get<AgentDoor>() is null)
            throw new RpcException(new Status(StatusCode.PermissionDenied, "agents connect through the silo's agent socket only"));
    }
}
