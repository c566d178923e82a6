using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Structural;

/// <summary>Checks values, at every level, against a schema: all that is wrong, at once.</summary>
internal sealed class SchemaRules
{
    private readonly Findings _findings;
    private readonly LimitRules _limits;

    public SchemaRules(Findings findings)
    {
        _findings = findings;
        _limits = new LimitRules(findings);
    }

    public static bool Fits(JsonNode? value, StructuralSchema schema)
    {
        var findings = new Findings("");
        new SchemaRules(findings).Check(value, schema);
        return !findings.Any;
    }

    public void Check(JsonNode? value, StructuralSchema schema)
    {
        if (value is null)
        {
            if (!schema.Nullable && (schema.Type.Length > 0 || schema.IntOrString)) _findings.Add(FieldReasons.TypeInvalid, $"Invalid value: expected {Expected(schema)}, found nothing (null)");
            return;
        }

        if (!HasType(value, schema))
        {
            _findings.Add(FieldReasons.TypeInvalid, $"Invalid value: expected {Expected(schema)}, found {Found(value)}");
            return;
        }

        _limits.Check(value, schema.Limits);
        foreach (var nested in schema.Limits.AllOf) Check(value, nested);
        CheckChoices(value, schema.Limits);
        if (value is JsonObject members) CheckMembers(members, schema);
        if (value is JsonArray items) CheckItems(items, schema);
    }

    private void CheckMembers(JsonObject members, StructuralSchema schema)
    {
        foreach (var name in schema.Limits.Required.Where(name => !members.ContainsKey(name))) _findings.Add(name, FieldReasons.Required, "Required value");
        if (schema.Embedded)
        {
            foreach (var name in new[] { "apiVersion", "kind" })
                if (members[name] is not JsonValue text || text.GetValueKind() != JsonValueKind.String || text.GetValue<string>().Length == 0) _findings.Add(name, FieldReasons.Required, "Required value: the object says what it is");
        }

        foreach (var (name, value) in members)
        {
            var property = schema.Properties.GetValueOrDefault(name);
            if (property is null) _findings.EnterKey(name);
            else _findings.EnterField(name);
            if ((property ?? schema.Additional) is { } known) Check(value, known);
            _findings.Leave();
        }
    }

    private void CheckItems(JsonArray items, StructuralSchema schema)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < items.Count; index++)
        {
            _findings.EnterItem(index);
            if (schema.Item is { } item) Check(items[index], item);
            if (Identity(items[index], schema) is { } identity && !seen.Add(identity)) _findings.Add(FieldReasons.Duplicate, $"Duplicate value {Quoted.Bare(identity)}");
            _findings.Leave();
        }
    }

    /// <summary>What no other item may be; null where items may be equal.</summary>
    private static string? Identity(JsonNode? item, StructuralSchema list)
    {
        if (list.ListType == ListType.Set || list.Limits.UniqueItems) return JsonForm.Encode(item).ToStringUtf8();
        if (list.ListType != ListType.Map || item is not JsonObject members) return null;
        return string.Join(", ", list.ListMapKeys.Select(key => $"{key}: {(members[key] ?? list.Item?.Member(key)?.Default)?.ToJsonString() ?? "null"}"));
    }

    private void CheckChoices(JsonNode value, ValueLimits limits)
    {
        if (limits.AnyOf.Count > 0 && !limits.AnyOf.Any(choice => Fits(value, choice)))
            _findings.Add(FieldReasons.Invalid, "Invalid value: must validate at least one schema (anyOf)");
        if (limits.OneOf.Count > 0 && limits.OneOf.Count(choice => Fits(value, choice)) is not 1 and var fitting)
            _findings.Add(FieldReasons.Invalid, $"Invalid value: must validate one and only one schema (oneOf), {(fitting == 0 ? "validates none" : $"validates {fitting}")}");
        if (limits.Not is { } not && Fits(value, not)) _findings.Add(FieldReasons.Invalid, "Invalid value: must not validate the schema (not)");
    }

    private static bool HasType(JsonNode value, StructuralSchema schema)
    {
        var kind = value.GetValueKind();
        if (schema.IntOrString) return kind == JsonValueKind.String || (kind == JsonValueKind.Number && IsWhole(value));
        return schema.Type switch
        {
            "object" => kind == JsonValueKind.Object,
            "array" => kind == JsonValueKind.Array,
            "string" => kind == JsonValueKind.String,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "number" => kind == JsonValueKind.Number,
            "integer" => kind == JsonValueKind.Number && IsWhole(value),
            _ => true,
        };
    }

    private static bool IsWhole(JsonNode value) =>
        double.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Truncate(number) == number && Math.Abs(number) < 1e19;

    private static string Expected(StructuralSchema schema) => schema.IntOrString ? "a whole number or a string" : schema.Type switch
    {
        "object" => "an object",
        "array" => "a list",
        "boolean" => "true or false",
        "number" => "a number",
        "integer" => "a whole number",
        _ => "a string",
    };

    private static string Found(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => $"the string {Quoted.Text(value.GetValue<string>())}",
        JsonValueKind.Number => $"the number {Quoted.Bare(value.ToJsonString())}",
        _ => $"the boolean {value.ToJsonString()}",
    };
}
