using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Contracts.Applying;

/// <summary>Puts what an applier says into an object, and takes out what he no longer says.</summary>
public static class FieldMerge
{
    /// <summary>Changes <paramref name="target"/> so that it says everything that <paramref name="applied"/> says.</summary>
    public static void Apply(JsonObject target, JsonObject applied, Kind kind) => Merge(target, applied, kind.Definition.Shape);

    /// <summary>Removes places from <paramref name="target"/>, unless they lead to something that others keep.</summary>
    public static void Remove(JsonObject target, FieldSet places, FieldSet kept, Kind kind) =>
        RemoveMembers(target, places, kept, kind.Definition.Shape);

    private static void Merge(JsonObject target, JsonObject applied, IJsonShape? shape)
    {
        foreach (var (name, value) in applied)
        {
            var field = shape?.Member(name);
            switch (FieldSteps.Of(value, field))
            {
                case Granularity.Members when target[name] is JsonObject present:
                    Merge(present, (JsonObject)value!, field);
                    break;
                case Granularity.Keyed when target[name] is JsonArray present:
                    MergeItems(present, (JsonArray)value!, field!);
                    break;
                case Granularity.Values when target[name] is JsonArray present:
                    var known = present.Select(FieldSteps.Value).ToHashSet(StringComparer.Ordinal);
                    foreach (var item in (JsonArray)value!)
                        if (known.Add(FieldSteps.Value(item))) present.Add(item?.DeepClone());
                    break;
                default:
                    target[name] = value?.DeepClone();
                    break;
            }
        }
    }

    private static void MergeItems(JsonArray present, JsonArray applied, IJsonShape field)
    {
        var known = FieldSteps.ByKeys(present, field);
        foreach (var (step, item) in FieldSteps.ByKeys(applied, field))
        {
            if (known.TryGetValue(step, out var same)) Merge(same, item, field.Items);
            else present.Add(item.DeepClone());
        }
    }

    private static void RemoveMembers(JsonObject target, FieldSet places, FieldSet kept, IJsonShape? shape)
    {
        foreach (var (step, place) in places.Children)
        {
            var name = step[2..];
            if (!target.TryGetPropertyValue(name, out var value)) continue;
            var (keptHere, field) = (kept.Find(step) ?? new FieldSet(), shape?.Member(name));
            switch (FieldSteps.Of(value, field))
            {
                case Granularity.Members when !place.IsMember:
                    RemoveMembers((JsonObject)value!, place, keptHere, field);
                    break;
                case Granularity.Keyed when !place.IsMember:
                    RemoveItems((JsonArray)value!, place, keptHere, field!);
                    break;
                case Granularity.Values when !place.IsMember:
                    foreach (var item in ((JsonArray)value!).Where(item => place.Find(FieldSteps.Value(item))?.IsMember == true).ToArray()) ((JsonArray)value!).Remove(item);
                    break;
                default:
                    if (place.IsMember && keptHere.IsEmpty) target.Remove(name);
                    break;
            }
        }
    }

    private static void RemoveItems(JsonArray items, FieldSet places, FieldSet kept, IJsonShape field)
    {
        foreach (var (step, item) in FieldSteps.ByKeys(items, field))
        {
            if (places.Find(step) is not { } place) continue;
            var keptHere = kept.Find(step) ?? new FieldSet();
            if (place.IsMember && keptHere.IsEmpty) items.Remove(item);
            else RemoveMembers(item, place, keptHere, field.Items);
        }
    }
}
