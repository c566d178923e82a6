using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Patching;

/// <summary>How a list of a strategic merge patch and the list that is there become one.</summary>
internal static class ListMerge
{
    public static JsonArray Merge(JsonArray? present, JsonArray patch, FieldShape? field, Func<JsonObject, JsonObject, MessageShape?, JsonObject> merge)
    {
        switch (field?.Rules.ListType)
        {
            case ListType.Map:
                return ByKey(present ?? [], patch, field, merge);
            case ListType.Set:
                var united = present ?? [];
                foreach (var value in patch.Where(value => !united.Any(item => JsonNode.DeepEquals(item, value))).ToArray()) united.Add(value?.DeepClone());
                return united;
            default:
                return (JsonArray)patch.DeepClone();
        }
    }

    /// <summary>Brings the items into an order; those that it doesn't name stay behind the item that they followed.</summary>
    public static JsonArray Order(JsonArray items, JsonArray order, FieldShape? field)
    {
        var key = field?.Rules.ListType == ListType.Map ? field.Rules.ListMapKeys[0] : null;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < order.Count; i++) places.TryAdd(Identity(order[i], key), i);
        var place = -1;
        var placed = items.Select(item => (Place: place = places.GetValueOrDefault(Identity(item, key), place), Item: item?.DeepClone()))
            .OrderBy(one => one.Place).Select(one => one.Item);
        return new JsonArray([.. placed]);
    }

    private static JsonArray ByKey(JsonArray items, JsonArray patch, FieldShape field, Func<JsonObject, JsonObject, MessageShape?, JsonObject> merge)
    {
        var key = field.Rules.ListMapKeys[0];
        var changes = patch.Select(item => item as JsonObject ?? throw new UnfitPatchException($"{field.Name}: expected objects with {key}")).ToArray();
        if (changes.Any(change => change.Count == 1 && StrategicMergePatch.DirectiveOf(change) == "replace"))
            return new JsonArray([.. changes.Where(change => StrategicMergePatch.DirectiveOf(change) is null).Select(StrategicMergePatch.WithoutDirectives)]);
        foreach (var change in changes)
        {
            if (change[key] is not { } wanted) throw new UnfitPatchException($"{field.Name}: an item of the patch lacks its merge key {key}");
            var at = IndexOf(items, key, wanted);
            if (StrategicMergePatch.DirectiveOf(change) == "delete")
            {
                for (; at >= 0; at = IndexOf(items, key, wanted)) items.RemoveAt(at);
            }
            else if (at >= 0)
            {
                var present = (JsonObject)items[at]!;
                items[at] = null;
                items[at] = merge(present, change, StrategicMergePatch.Below(field));
            }
            else
            {
                items.Add(StrategicMergePatch.WithoutDirectives(change));
            }
        }

        return items;
    }

    private static int IndexOf(JsonArray items, string key, JsonNode wanted)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is JsonObject item && JsonNode.DeepEquals(item[key], wanted)) return i;
        }

        return -1;
    }

    private static string Identity(JsonNode? item, string? key) => (key is not null && item is JsonObject members ? members[key] : item)?.ToJsonString() ?? "";
}
