using System.Text.Json.Nodes;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Forwarding;

/// <summary>Finds a running pod among those that an object means, and waits for one if there is none yet.</summary>
internal static class RunningPod
{
    /// <param name="invocation">The command that needs it.</param>
    /// <param name="request">Which pods.</param>
    /// <param name="meant">What they are of, for the error.</param>
    /// <param name="patience">How long to wait.</param>
    /// <exception cref="CommandException">None runs in time.</exception>
    public static async Task<JsonNode> AwaitAsync(Invocation invocation, WatchRequest request, string meant, TimeSpan patience)
    {
        using var limit = new TimeLimit(invocation, patience);
        try
        {
            return await FindAsync(invocation.Server, request, limit.Token);
        }
        catch (Exception exception) when (limit.IsOver && exception is OperationCanceledException or RpcException)
        {
            throw new CommandException($"timed out waiting for a running pod of {meant}; orc get pods and orc explain show why");
        }
    }

    private static async Task<JsonNode> FindAsync(ClusterClient server, WatchRequest request, CancellationToken cancellation)
    {
        var (pods, whole) = (new Dictionary<string, JsonNode>(), false);
        await foreach (var change in server.FollowAsync(request, cancellation))
        {
            whole |= change.Type == WatchEvent.Types.Type.Bookmark;
            if (change.Type == WatchEvent.Types.Type.Deleted) pods.Remove(change.Object.Name);
            else if (change.Object is { } one) pods[one.Name] = JsonNode.Parse(one.Json.Span)!;
            if (whole && Best(pods.Values) is { } best) return best;
        }

        throw new CommandException("the changes of pods can't be followed any more");
    }

    /// <summary>One that is ready before one that isn't, then the oldest.</summary>
    private static JsonNode? Best(IEnumerable<JsonNode> pods) => pods
        .Where(pod => pod.Text("status", "phase") == "Running" && pod.At("metadata", "deletionTimestamp") is null)
        .OrderBy(pod => IsReady(pod) ? 0 : 1)
        .ThenBy(pod => pod.Text("metadata", "creationTimestamp"), StringComparer.Ordinal)
        .ThenBy(pod => pod.Text("metadata", "name"), StringComparer.Ordinal)
        .FirstOrDefault();

    private static bool IsReady(JsonNode pod) => pod.Items("status", "conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True");
}
