using System.Text.Json.Nodes;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Rendering;

/// <summary>
/// The labels of objects that were read as table rows, which carry none: one more list a kind, and a read for what a
/// watch brings later.
/// </summary>
internal sealed class ObjectLabels(Invocation invocation)
{
    private readonly Dictionary<ResourceName, Dictionary<(string, string), (string Version, JsonObject? Labels)>> _known = [];

    /// <summary>Null if the object has none, or is gone.</summary>
    public async Task<JsonObject?> OfAsync(KindInfo kind, Api.V1.Object item)
    {
        if (!_known.TryGetValue(kind.Resource, out var objects))
        {
            var list = await invocation.Server.ListAsync(new ListQuery(kind, ""), Form.Json, invocation.Cancellation);
            _known[kind.Resource] = objects = list.Items.ToDictionary(o => (o.Namespace, o.Name), o => (o.ResourceVersion, LabelsIn(o)));
        }
        if (objects.TryGetValue((item.Namespace, item.Name), out var known) && known.Version == item.ResourceVersion) return known.Labels;
        try
        {
            var one = await invocation.Server.GetAsync(kind, item.Namespace, item.Name, Form.Json, invocation.Cancellation);
            objects[(item.Namespace, item.Name)] = (one.ResourceVersion, LabelsIn(one));
            return LabelsIn(one);
        }
        catch (RpcException exception) when (ClusterErrors.IsNotFound(exception))
        {
            return known.Labels;
        }
    }

    /// <summary><c>a=b,c=d</c>, or <c>&lt;none&gt;</c>.</summary>
    public static string Text(JsonObject? labels) => labels is not { Count: > 0 }
        ? "<none>"
        : string.Join(',', labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));

    private static JsonObject? LabelsIn(Api.V1.Object one) => JsonNode.Parse(one.Json.Span)?["metadata"]?["labels"] as JsonObject;
}
