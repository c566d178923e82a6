using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Structural;

/// <summary>Reads single keywords of a schema; one whose value is of the wrong kind is reported and counts as absent.</summary>
internal sealed class KeywordReader(Findings findings)
{
    private static readonly HashSet<string> Known =
    [
        "type", "format", "title", "description", "default", "example", "externalDocs", "nullable", "enum", "properties", "additionalProperties", "items", "required",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems",
        "minProperties", "maxProperties", "allOf", "anyOf", "oneOf", "not", "$schema",
        "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string", "x-kubernetes-embedded-resource", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type",
    ];

    private static readonly string[] Forbidden = ["$ref", "id", "definitions", "dependencies", "patternProperties", "additionalItems"];

    private static readonly string[] Types = ["object", "array", "string", "integer", "number", "boolean"];

    public void ReportUnserved(JsonObject json)
    {
        foreach (var (keyword, value) in json)
        {
            if (Known.Contains(keyword)) continue;
            if (Forbidden.Contains(keyword)) findings.Add(keyword, FieldReasons.Forbidden, $"Forbidden: {keyword} is not supported");
            else if (keyword == "x-kubernetes-validations" && value is JsonArray) findings.Add(keyword, FieldReasons.NotEnforced, "the rules (CEL) are kept but not enforced by this server");
            else findings.Add(keyword, FieldReasons.Unknown, $"unknown field '{Quoted.Bare(keyword)}'");
        }

        if (Text(json, "type") is { Length: > 0 } type && !Types.Contains(type))
            findings.Add("type", FieldReasons.NotSupported, $"Unsupported value {Quoted.Text(type)}: must be one of {string.Join(", ", Types)}");
    }

    public ValueLimits Limits(JsonObject json) => new()
    {
        Format = Text(json, "format"),
        Pattern = Pattern(json),
        Allowed = json["enum"] is JsonArray allowed ? [.. allowed.Select(one => one?.DeepClone())] : null,
        Minimum = Number(json, "minimum"),
        Maximum = Number(json, "maximum"),
        ExclusiveMinimum = Flag(json, "exclusiveMinimum"),
        ExclusiveMaximum = Flag(json, "exclusiveMaximum"),
        MultipleOf = Number(json, "multipleOf") is { } step && step > 0 ? step : null,
        MinLength = Count(json, "minLength"),
        MaxLength = Count(json, "maxLength"),
        MinItems = Count(json, "minItems"),
        MaxItems = Count(json, "maxItems"),
        MinProperties = Count(json, "minProperties"),
        MaxProperties = Count(json, "maxProperties"),
        UniqueItems = Flag(json, "uniqueItems"),
        Required = Texts(json, "required"),
    };

    public string Text(JsonObject json, string keyword, params ReadOnlySpan<string> allowed)
    {
        if (!json.TryGetPropertyValue(keyword, out var value) || value is null) return "";
        if (value is not JsonValue text || !text.TryGetValue(out string? found)) return Mistyped(keyword, "a string", "");
        if (allowed.Length > 0 && !allowed.Contains(found))
            findings.Add(keyword, FieldReasons.NotSupported, $"Unsupported value {Quoted.Text(found)}: must be one of {string.Join(", ", allowed!)}");
        return found;
    }

    public bool Flag(JsonObject json, string keyword)
    {
        if (!json.TryGetPropertyValue(keyword, out var value) || value is null) return false;
        return value is JsonValue flag && flag.TryGetValue(out bool found) ? found : Mistyped(keyword, "true or false", false);
    }

    public IReadOnlyList<string> Texts(JsonObject json, string keyword)
    {
        if (!json.TryGetPropertyValue(keyword, out var value) || value is null) return [];
        if (value is JsonArray list && list.All(item => item?.GetValueKind() == JsonValueKind.String)) return [.. list.Select(item => item!.GetValue<string>())];
        return Mistyped<IReadOnlyList<string>>(keyword, "a list of strings", []);
    }

    public JsonObject Members(JsonObject json, string keyword)
    {
        if (!json.TryGetPropertyValue(keyword, out var value) || value is null) return [];
        return value as JsonObject ?? Mistyped<JsonObject>(keyword, "an object", []);
    }

    public ListType ListType(JsonObject json) => Text(json, "x-kubernetes-list-type", "atomic", "set", "map") switch
    {
        "map" => Orchestrator.Objects.MetaV1.ListType.Map,
        "set" => Orchestrator.Objects.MetaV1.ListType.Set,
        _ => Orchestrator.Objects.MetaV1.ListType.Atomic,
    };

    private SchemaPattern? Pattern(JsonObject json)
    {
        if (Text(json, "pattern") is not { Length: > 0 } text) return null;
        if (SchemaPattern.TryParse(text, out var pattern, out var problem)) return pattern;
        findings.Add("pattern", FieldReasons.Invalid, $"Invalid value {Quoted.Text(text)}: must be a regular expression without look-around and back-references: {Quoted.Message(problem)}");
        return null;
    }

    private double? Number(JsonObject json, string keyword)
    {
        if (!json.TryGetPropertyValue(keyword, out var value) || value is null) return null;
        return value is JsonValue number && number.TryGetValue(out double found) ? found : Mistyped<double?>(keyword, "a number", null);
    }

    private long? Count(JsonObject json, string keyword)
    {
        if (Number(json, keyword) is not { } number) return null;
        return number >= 0 && Math.Truncate(number) == number ? (long)number : Mistyped<long?>(keyword, "a whole number of 0 or more", null);
    }

    private T Mistyped<T>(string keyword, string expected, T absent)
    {
        findings.Add(keyword, FieldReasons.TypeInvalid, $"Invalid value: expected {expected}");
        return absent;
    }
}
