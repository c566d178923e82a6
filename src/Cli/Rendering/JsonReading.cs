using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Rendering;

/// <summary>Fields of an object's JSON, where any of them may be absent.</summary>
internal static class JsonReading
{
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var field in path) node = node is JsonObject map && map.TryGetPropertyValue(field, out var value) ? value : null;
        return node;
    }

    /// <summary>A scalar as text; empty if it is absent.</summary>
    public static string Text(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) switch
    {
        null => "",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        var other => other.ToJsonString(),
    };

    public static IEnumerable<JsonNode> Items(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray list ? list.OfType<JsonNode>() : [];

    /// <summary>The texts of a list, with commas between.</summary>
    public static string Joined(this JsonNode? node, params ReadOnlySpan<string> path) =>
        string.Join(", ", node.Items(path).Select(item => item.Text()));

    /// <summary>A map's entries as text, in order of their keys.</summary>
    public static IEnumerable<(string Key, string Value)> Entries(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonObject map
            ? map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value.Text()))
            : [];
}
