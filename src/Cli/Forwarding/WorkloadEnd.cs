using System.Text.Json.Nodes;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Forwarding;

/// <summary>Waits for the end of a pod or a machine that something is forwarded to.</summary>
internal static class WorkloadEnd
{
    /// <returns>How it ended, in a user's words.</returns>
    public static async Task<string> AwaitAsync(ClusterClient server, WatchRequest workload, string uid, CancellationToken cancellation)
    {
        await foreach (var change in server.FollowAsync(workload, cancellation))
        {
            if (change.Type == WatchEvent.Types.Type.Bookmark) continue;
            if (change.Type == WatchEvent.Types.Type.Deleted || change.Object.Uid != uid) return "it is gone";
            var phase = JsonNode.Parse(change.Object.Json.Span).Text("status", "phase");
            if (phase is "Succeeded" or "Failed") return $"it has ended ({phase})";
        }

        return "its changes can't be followed any more";
    }
}
