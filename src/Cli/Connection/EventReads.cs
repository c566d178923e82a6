using System.Text.Json.Nodes;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Connection;

/// <summary>The events of one object.</summary>
internal static class EventReads
{
    public static async Task<List<JsonNode>> EventsOfAsync(
        this ClusterClient server, KindInfo kind, JsonNode one, CancellationToken cancellation)
    {
        if ((await server.KindsAsync(cancellation)).TryResolve("events") is not { } events) return [];
        var (ns, name) = (one.Text("metadata", "namespace"), one.Text("metadata", "name"));
        var list = await server.ListAsync(new ListQuery(events, ns), Form.Json, cancellation);
        return list.Items.Select(item => JsonNode.Parse(item.Json.Span)!)
            .Where(happened => EventList.IsAbout(happened, kind.Kind, ns, name, one.Text("metadata", "uid"))).ToList();
    }
}
