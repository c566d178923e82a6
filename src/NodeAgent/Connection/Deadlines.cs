using Grpc.Core;

namespace Orchestrator.NodeAgent.Connection;

internal static class Deadlines
{
    /// <summary>gRPC counts deadlines on the machine's clock, whatever clock a test has put into the rest.</summary>
    public static CallOptions Within(TimeSpan limit, CancellationToken cancellation)
        => new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + limit, cancellationToken: cancellation);
}
