using System.Text.Json.Nodes;

namespace Orchestrator.Contracts.Schemas;

/// <summary>
/// A custom kind's schema as OpenAPI 2 can say it: less. What is left out, clients can't check; the server does. Clients of that age take
/// what has no type for anything at all.
/// </summary>
internal static class SchemaText
{
    private static readonly string[] Unknown =
        ["allOf", "anyOf", "oneOf", "not", "nullable", "example", "x-kubernetes-validations", "x-kubernetes-embedded-resource"];

    private static readonly string[] Typed = ["type", "format", "properties", "items", "additionalProperties", "required", "enum", "default"];

    public static JsonObject ForVersion2(JsonObject schema)
    {
        var anything = Flag(schema, "nullable") || Flag(schema, "x-kubernetes-int-or-string");
        var free = Flag(schema, "x-kubernetes-preserve-unknown-fields");
        var plain = new JsonObject();
        foreach (var (keyword, value) in schema)
        {
            if (Unknown.Contains(keyword) || (anything && Typed.Contains(keyword)) || (free && keyword is "properties" or "items" or "required")) continue;
            plain[keyword] = (keyword, value) switch
            {
                ("properties", JsonObject properties) => new JsonObject(properties.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)(one.Value is JsonObject below ? ForVersion2(below) : null)))),
                ("items" or "additionalProperties", JsonObject below) => ForVersion2(below),
                _ => value?.DeepClone(),
            };
        }

        // `additionalProperties: true` is no schema; without it an object is free as well.
        if (plain["additionalProperties"] is not JsonObject) plain.Remove("additionalProperties");
        return plain;
    }

    private static bool Flag(JsonObject schema, string keyword) => schema[keyword] is JsonValue value && value.TryGetValue(out bool flag) && flag;
}
