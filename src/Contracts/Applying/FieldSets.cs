using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Contracts.Applying;

/// <summary>Which places a document speaks of, and in which two documents differ.</summary>
public static class FieldSets
{
    private static readonly string[] Identity =
        ["name", "namespace", "generateName", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink"];

    /// <summary>All places of an object that can have owners: everything but what the object is and what only the system writes.</summary>
    public static FieldSet Of(JsonObject obj, Kind kind)
    {
        var set = new FieldSet();
        Collect(WithoutIdentity(obj), kind.Definition.Shape, set);
        return set;
    }

    /// <summary>What the newer object has that is new or different, and what it has no longer.</summary>
    public static (FieldSet Changed, FieldSet Removed) Compare(JsonObject older, JsonObject newer, Kind kind)
    {
        var (changed, removed) = (new FieldSet(), new FieldSet());
        CompareMembers(WithoutIdentity(older), WithoutIdentity(newer), kind.Definition.Shape, changed, removed);
        return (changed, removed);
    }

    private static JsonObject WithoutIdentity(JsonObject obj)
    {
        var part = (JsonObject)obj.DeepClone();
        part.Remove("apiVersion");
        part.Remove("kind");
        if (part["metadata"] is not JsonObject metadata) return part;
        foreach (var name in Identity) metadata.Remove(name);
        if (metadata.Count == 0) part.Remove("metadata");
        return part;
    }

    private static void Collect(JsonObject members, IJsonShape? shape, FieldSet into)
    {
        foreach (var (name, value) in members) CollectValue(value, shape?.Member(name), into.Child(FieldSteps.Member(name)));
    }

    private static void CollectValue(JsonNode? value, IJsonShape? field, FieldSet into)
    {
        switch (FieldSteps.Of(value, field))
        {
            case Granularity.Members:
                Collect((JsonObject)value!, field, into);
                break;
            case Granularity.Keyed:
                foreach (var (step, item) in FieldSteps.ByKeys((JsonArray)value!, field!))
                {
                    into.Child(step).IsMember = true;
                    Collect(item, field!.Items, into.Child(step));
                }

                break;
            case Granularity.Values:
                foreach (var item in (JsonArray)value!) into.Child(FieldSteps.Value(item)).IsMember = true;
                break;
            default:
                into.IsMember = true;
                break;
        }
    }

    private static void CompareMembers(JsonObject older, JsonObject newer, IJsonShape? shape, FieldSet changed, FieldSet removed)
    {
        foreach (var (name, value) in newer)
        {
            var (step, field) = (FieldSteps.Member(name), shape?.Member(name));
            if (older.TryGetPropertyValue(name, out var before)) CompareValues(before, value, field, changed.Child(step), removed.Child(step));
            else CollectValue(value, field, changed.Child(step));
        }

        foreach (var (name, value) in older)
            if (!newer.ContainsKey(name)) CollectValue(value, shape?.Member(name), removed.Child(FieldSteps.Member(name)));
    }

    private static void CompareValues(JsonNode? before, JsonNode? after, IJsonShape? field, FieldSet changed, FieldSet removed)
    {
        if (JsonNode.DeepEquals(before, after)) return;
        var granularity = FieldSteps.Of(after, field);
        if (granularity != FieldSteps.Of(before, field)) granularity = Granularity.Whole;
        switch (granularity)
        {
            case Granularity.Members:
                CompareMembers((JsonObject)before!, (JsonObject)after!, field, changed, removed);
                break;
            case Granularity.Keyed:
                CompareItems(FieldSteps.ByKeys((JsonArray)before!, field!), FieldSteps.ByKeys((JsonArray)after!, field!), field!.Items, changed, removed);
                break;
            case Granularity.Values:
                var (old, @new) = (((JsonArray)before!).Select(FieldSteps.Value).ToHashSet(), ((JsonArray)after!).Select(FieldSteps.Value).ToHashSet());
                foreach (var step in @new.Except(old)) changed.Child(step).IsMember = true;
                foreach (var step in old.Except(@new)) removed.Child(step).IsMember = true;
                break;
            default:
                // What is there before and after has changed, however different it is.
                CollectValue(after, field, changed);
                var gone = new FieldSet();
                CollectValue(before, field, gone);
                removed.TakeOver(gone.Minus(changed));
                break;
        }
    }

    private static void CompareItems(
        Dictionary<string, JsonObject> before, Dictionary<string, JsonObject> after, IJsonShape? shape, FieldSet changed, FieldSet removed)
    {
        foreach (var (step, item) in after)
        {
            if (before.TryGetValue(step, out var old))
            {
                CompareMembers(old, item, shape, changed.Child(step), removed.Child(step));
                continue;
            }

            changed.Child(step).IsMember = true;
            Collect(item, shape, changed.Child(step));
        }

        foreach (var (step, item) in before.Where(one => !after.ContainsKey(one.Key)))
        {
            removed.Child(step).IsMember = true;
            Collect(item, shape, removed.Child(step));
        }
    }
}
