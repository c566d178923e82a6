using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Orchestrator.Contracts.Encoding.Shapes;

namespace Orchestrator.Contracts.Patching;

/// <summary>
/// Kubernetes' strategic merge patch: a merge patch in which lists merge as their definition says, by key (MAP) or as a set (SET), with
/// the directives <c>$patch</c>, <c>$retainKeys</c>, <c>$deleteFromPrimitiveList/…</c> and <c>$setElementOrder/…</c>.
/// Source: the Kubernetes community's contributor guide, "Strategic Merge Patch".
/// </summary>
public static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeleteFromList = "$deleteFromPrimitiveList/";
    private const string ElementOrder = "$setElementOrder/";

    /// <summary>Changes <paramref name="target"/>, which is no longer of use, and gives what it has become.</summary>
    public static PatchOutcome Apply(JsonNode target, JsonNode? patch, MessageDescriptor definition)
    {
        if (patch is not JsonObject changes || target is not JsonObject present) return PatchOutcome.Fail("a strategic merge patch is an object");
        try
        {
            return PatchOutcome.Of(Merge(present, changes, MessageShape.Of(definition)));
        }
        catch (UnfitPatchException unfit)
        {
            return PatchOutcome.Fail(unfit.Message);
        }
    }

    private static JsonObject Merge(JsonObject target, JsonObject patch, MessageShape? shape)
    {
        switch (DirectiveOf(patch))
        {
            case "replace":
                return WithoutDirectives(patch);
            case "delete":
                return [];
            case null or "merge":
                break;
            default:
                throw new UnfitPatchException($"{Directive}: Unsupported value {patch[Directive]!.ToJsonString()}: must be merge, replace or delete");
        }

        if (patch[RetainKeys] is JsonArray retained) Retain(target, retained);
        foreach (var (name, change) in patch)
        {
            if (name.StartsWith(DeleteFromList, StringComparison.Ordinal)) DeleteFrom(target, name[DeleteFromList.Length..], change);
            else if (!name.StartsWith('$')) MergeField(target, name, change, shape?.Find(name));
        }

        foreach (var (name, order) in patch.Where(one => one.Key.StartsWith(ElementOrder, StringComparison.Ordinal)))
        {
            var field = name[ElementOrder.Length..];
            if (target[field] is JsonArray items && order is JsonArray wanted) target[field] = ListMerge.Order(items, wanted, shape?.Find(field));
        }

        return target;
    }

    private static void MergeField(JsonObject target, string name, JsonNode? change, FieldShape? field)
    {
        if (change is null)
        {
            target.Remove(name);
            return;
        }

        target.Remove(name, out var present);
        target[name] = change switch
        {
            JsonObject changes => Merge(present as JsonObject ?? [], changes, Below(field)),
            JsonArray items => ListMerge.Merge(present as JsonArray, items, field, Merge),
            _ => change.DeepClone(),
        };
    }

    /// <summary>What an object below the field is; null where its members are free, as in labels.</summary>
    internal static MessageShape? Below(FieldShape? field) => field is { Element: ElementKind.Message, IsMap: false } ? field.Message : null;

    internal static string? DirectiveOf(JsonObject patch) => patch[Directive] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    internal static JsonObject WithoutDirectives(JsonObject patch)
    {
        var plain = new JsonObject();
        foreach (var (name, value) in patch)
        {
            if (!name.StartsWith('$') && value is not null) plain[name] = value is JsonObject below ? WithoutDirectives(below) : value.DeepClone();
        }

        return plain;
    }

    private static void Retain(JsonObject target, JsonArray retained)
    {
        var kept = retained.Select(name => name?.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var name in target.Select(member => member.Key).Where(name => !kept.Contains(name)).ToArray()) target.Remove(name);
    }

    private static void DeleteFrom(JsonObject target, string name, JsonNode? values)
    {
        if (target[name] is not JsonArray items || values is not JsonArray unwanted) return;
        foreach (var item in items.Where(item => unwanted.Any(value => JsonNode.DeepEquals(value, item))).ToArray()) items.Remove(item);
    }
}

/// <summary>The patch can't be applied to what is there. Never leaves the patcher.</summary>
internal sealed class UnfitPatchException(string message) : Exception(message);
