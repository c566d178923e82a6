using System.Text.Json.Nodes;

namespace Orchestrator.Contracts.Patching;

/// <summary>RFC 7386: a patch that looks like the document; null removes a member, a list replaces the list.</summary>
public static class MergePatch
{
    /// <summary>Changes <paramref name="target"/>, which is no longer of use, and gives what it has become.</summary>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes) return patch?.DeepClone();
        var merged = target as JsonObject ?? [];
        foreach (var (name, change) in changes)
        {
            if (change is null)
            {
                merged.Remove(name);
                continue;
            }

            merged.Remove(name, out var present);
            merged[name] = Apply(present, change);
        }

        return merged;
    }
}
