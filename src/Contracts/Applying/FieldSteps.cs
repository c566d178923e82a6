using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Applying;

/// <summary>How a value is taken apart into places that may have different owners.</summary>
internal enum Granularity
{
    /// <summary>It is one place.</summary>
    Whole,

    /// <summary>Each member is a place.</summary>
    Members,

    /// <summary>Each item is one, known by its keys.</summary>
    Keyed,

    /// <summary>Each item is one, known by its value.</summary>
    Values,
}

/// <summary>The steps of a <see cref="FieldSet"/> for a value, as its definition says.</summary>
internal static class FieldSteps
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = ObjectJson.Encoder };

    public static Granularity Of(JsonNode? value, IJsonShape? shape) => (value, shape) switch
    {
        (JsonObject { Count: > 0 }, { MembersStandAlone: true }) => Granularity.Members,
        (JsonArray { Count: > 0 }, { ListType: ListType.Map }) => Granularity.Keyed,
        (JsonArray { Count: > 0 }, { ListType: ListType.Set }) => Granularity.Values,
        _ => Granularity.Whole,
    };

    public static string Member(string name) => $"f:{name}";

    public static string Value(JsonNode? item) => $"v:{item?.ToJsonString(Relaxed) ?? "null"}";

    /// <summary>An item's keys, those that it leaves out with their defaults; in the order of their names.</summary>
    public static string Keys(JsonObject item, IJsonShape list)
    {
        var keys = new JsonObject();
        foreach (var key in list.ListMapKeys.Order(StringComparer.Ordinal)) keys[key] = (item[key] ?? list.Items?.Member(key)?.DefaultValue)?.DeepClone();

        return $"k:{keys.ToJsonString(Relaxed)}";
    }

    /// <summary>The items of a keyed list by their step; of two with the same keys the first.</summary>
    public static Dictionary<string, JsonObject> ByKeys(JsonArray items, IJsonShape list)
    {
        var found = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var item in items.OfType<JsonObject>()) found.TryAdd(Keys(item, list), item);
        return found;
    }
}
