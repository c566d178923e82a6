using System.Text.Json.Nodes;

namespace Orchestrator.Contracts.Patching;

/// <summary>RFC 6902: a list of operations on places that RFC 6901 names; all of them succeed, or none has happened.</summary>
public static class JsonPatch
{
    private const int MaximumOperations = 10_000;

    public static PatchOutcome Apply(JsonNode target, JsonNode? patch)
    {
        if (patch is not JsonArray operations) return PatchOutcome.Fail("a JSON patch is a list of operations");
        if (operations.Count > MaximumOperations) return PatchOutcome.Fail($"a JSON patch has at most {MaximumOperations} operations");
        // A root that holds the document makes replacing the whole of it an operation like any other.
        var root = new JsonObject { [""] = target };
        for (var index = 0; index < operations.Count; index++)
        {
            if (Run(root, operations[index]) is { } problem) return PatchOutcome.Fail($"operation {index}: {problem}");
        }

        root.Remove("", out var patched);
        return PatchOutcome.Of(patched);
    }

    private static string? Run(JsonObject root, JsonNode? operation)
    {
        if (operation is not JsonObject fields) return "must be an object with op and path";
        if (Text(fields, "op") is not { } op) return "op: Required value";
        if (Text(fields, "path") is not { } text) return "path: Required value";
        if (JsonPointer.TryParse(text) is not { } path) return $"path: \"{text}\" is not a JSON pointer";
        switch (op)
        {
            case "add" or "replace" or "test" when !fields.ContainsKey("value"):
                return "value: Required value";
            case "add":
                return path.Add(root, fields["value"]?.DeepClone()) ? null : NotThere(text);
            case "remove":
                return path.Remove(root, out _) ? null : NotThere(text);
            case "replace":
                return path.Replace(root, fields["value"]?.DeepClone()) ? null : NotThere(text);
            case "test":
                return path.Find(root, out var found) && JsonNode.DeepEquals(found, fields["value"]) ? null : $"testing path {text} failed";
            case "move" or "copy":
                return Transfer(root, fields, path, text, move: op == "move");
            default:
                return $"op: Unsupported value \"{op}\"";
        }
    }

    private static string? Transfer(JsonObject root, JsonObject fields, JsonPointer to, string toText, bool move)
    {
        if (Text(fields, "from") is not { } text) return "from: Required value";
        if (JsonPointer.TryParse(text) is not { } from) return $"from: \"{text}\" is not a JSON pointer";
        if (move && from.Contains(to)) return "from: a value can't be moved into itself";
        if (!from.Find(root, out var found)) return NotThere(text);
        var value = found?.DeepClone();
        if (move) from.Remove(root, out _);
        return to.Add(root, value) ? null : NotThere(toText);
    }

    private static string? Text(JsonObject fields, string name) => fields[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static string NotThere(string path) => $"the path {path} doesn't exist";
}
