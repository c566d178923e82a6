using System.Globalization;
using System.Text.Json.Nodes;

namespace Orchestrator.Contracts.Patching;

/// <summary>RFC 6901: a place in a document. The document stands in a root object under the empty name.</summary>
internal sealed class JsonPointer
{
    private readonly string[] _steps;

    private JsonPointer(string[] steps) => _steps = steps;

    /// <summary>Null for text that is no pointer.</summary>
    public static JsonPointer? TryParse(string text) =>
        text.Length > 0 && text[0] != '/'
            ? null
            : new JsonPointer([.. text.Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]);

    /// <summary>True if the other place lies below this one.</summary>
    public bool Contains(JsonPointer other) => other._steps.Length > _steps.Length && other._steps.AsSpan(0, _steps.Length).SequenceEqual(_steps);

    public bool Find(JsonObject root, out JsonNode? value)
    {
        value = null;
        return Parent(root) is { } parent && Step(parent, _steps[^1], out value);
    }

    public bool Add(JsonObject root, JsonNode? value)
    {
        switch (Parent(root))
        {
            case JsonObject members:
                members[_steps[^1]] = value;
                return true;
            case JsonArray items when _steps[^1] == "-":
                items.Add(value);
                return true;
            case JsonArray items when Index(_steps[^1], items.Count + 1) is { } index:
                items.Insert(index, value);
                return true;
            default:
                return false;
        }
    }

    public bool Remove(JsonObject root, out JsonNode? removed)
    {
        removed = null;
        switch (Parent(root))
        {
            case JsonObject members:
                return members.Remove(_steps[^1], out removed);
            case JsonArray items when Index(_steps[^1], items.Count) is { } index:
                removed = items[index];
                items.RemoveAt(index);
                return true;
            default:
                return false;
        }
    }

    public bool Replace(JsonObject root, JsonNode? value)
    {
        switch (Parent(root))
        {
            case JsonObject members when members.ContainsKey(_steps[^1]):
                members[_steps[^1]] = value;
                return true;
            case JsonArray items when Index(_steps[^1], items.Count) is { } index:
                items[index] = value;
                return true;
            default:
                return false;
        }
    }

    private JsonNode? Parent(JsonObject root)
    {
        JsonNode? node = root;
        foreach (var step in _steps.AsSpan(0, _steps.Length - 1))
        {
            if (node is null || !Step(node, step, out node)) return null;
        }

        return node;
    }

    private static bool Step(JsonNode node, string step, out JsonNode? value)
    {
        value = null;
        if (node is JsonObject members) return members.TryGetPropertyValue(step, out value);
        if (node is not JsonArray items || Index(step, items.Count) is not { } index) return false;
        value = items[index];
        return true;
    }

    private static int? Index(string step, int count) =>
        int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < count && (step.Length == 1 || step[0] != '0') ? index : null;
}
