using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Structural;

/// <summary>Where a schema stands: whole values have their type, what stands in <c>allOf</c> and the like only limits them.</summary>
internal enum SchemaPlace
{
    Root,
    Value,
    Limit,
}

/// <summary>
/// Reads a structural schema and reports all that makes it none. What is no error, but has no effect either, is reported with the
/// reasons <see cref="FieldReasons.Unknown"/> and <see cref="FieldReasons.NotEnforced"/>.
/// </summary>
internal sealed class SchemaReader
{
    private static readonly string[] OnlyForWholeValues = ["default", "additionalProperties", "nullable", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type"];

    private readonly Findings _findings;
    private readonly KeywordReader _keywords;

    public SchemaReader(Findings findings)
    {
        _findings = findings;
        _keywords = new KeywordReader(findings);
    }

    public StructuralSchema Read(JsonObject json, SchemaPlace place)
    {
        _keywords.ReportUnserved(json);
        var either = _keywords.Flag(json, "x-kubernetes-int-or-string");
        var free = _keywords.Flag(json, "x-kubernetes-preserve-unknown-fields");
        var type = _keywords.Text(json, "type");
        if (place == SchemaPlace.Limit) ForbidAll(json, either ? OnlyForWholeValues : [.. OnlyForWholeValues, "type"]);
        else CheckType(type, either, free, place);
        var listType = _keywords.ListType(json);
        var properties = Properties(json, place);
        var names = place == SchemaPlace.Root ? TakeOwn(properties) : null;
        var schema = new StructuralSchema
        {
            Type = type,
            Nullable = _keywords.Flag(json, "nullable"),
            IntOrString = either,
            KeepsUnknown = free,
            Embedded = _keywords.Flag(json, "x-kubernetes-embedded-resource"),
            MapIsAtomic = _keywords.Text(json, "x-kubernetes-map-type", "granular", "atomic") == "atomic",
            Properties = properties,
            Names = names,
            Additional = Additional(json, place),
            Item = Item(json, type, place),
            Default = json["default"]?.DeepClone(),
            ListType = listType,
            ListMapKeys = _keywords.Texts(json, "x-kubernetes-list-map-keys"),
            Limits = Limits(json, either),
        };
        if (listType == ListType.Map && schema.ListMapKeys.Count == 0) _findings.Add("x-kubernetes-list-map-keys", FieldReasons.Required, "Required value: must not be empty if x-kubernetes-list-type is map");
        if (schema.Limits.UniqueItems && schema.Item?.Type is "object" or "array") _findings.Add("uniqueItems", FieldReasons.Forbidden, "Forbidden: only lists of scalars may be asked for unique items, since comparing others costs the square of their number");
        StructuralNesting.Check(schema, _findings);
        CheckDefault(schema);
        return schema;
    }

    private void CheckType(string type, bool either, bool free, SchemaPlace place)
    {
        if (place == SchemaPlace.Root && type != "object")
        {
            if (type.Length > 0) _findings.Add("type", FieldReasons.Invalid, $"Invalid value {Quoted.Text(type)}: must be object at the root");
            else _findings.Add("type", FieldReasons.Required, "Required value: must not be empty at the root");
        }
        else if (type.Length == 0 && !either && !free)
        {
            _findings.Add("type", FieldReasons.Required, "Required value: must not be empty for specified object fields");
        }
        else if (type.Length > 0 && either)
        {
            _findings.Add("type", FieldReasons.Forbidden, "Forbidden: must be empty if x-kubernetes-int-or-string is true");
        }
    }

    private void ForbidAll(JsonObject json, string[] keywords)
    {
        foreach (var keyword in keywords.Where(json.ContainsKey))
            _findings.Add(keyword, FieldReasons.Forbidden, "Forbidden: must be left out to be structural: here values are only limited");
    }

    private Dictionary<string, StructuralSchema> Properties(JsonObject json, SchemaPlace place)
    {
        var properties = new Dictionary<string, StructuralSchema>(StringComparer.Ordinal);
        _findings.EnterField("properties");
        foreach (var (name, value) in _keywords.Members(json, "properties"))
        {
            _findings.EnterKey(name);
            if (place == SchemaPlace.Root && name is "apiVersion" or "kind" or "metadata" && value is JsonObject known) properties[name] = ReadOwn(name, known);
            else if (ReadBelow(value, place) is { } schema) properties[name] = schema;
            _findings.Leave();
        }

        _findings.Leave();
        return properties;
    }

    /// <summary>What every object has is defined already: a schema may only limit the names.</summary>
    private StructuralSchema ReadOwn(string name, JsonObject json)
    {
        var schema = Read(json, SchemaPlace.Value);
        if (name == "metadata" && schema.Properties.Keys.Any(property => property is not ("name" or "generateName")))
            _findings.Add("properties", FieldReasons.Forbidden, "Forbidden: only name and generateName of the metadata can be limited");
        return schema;
    }

    private static StructuralSchema? TakeOwn(Dictionary<string, StructuralSchema> properties)
    {
        properties.Remove("apiVersion");
        properties.Remove("kind");
        properties.Remove("metadata", out var metadata);
        return metadata;
    }

    private StructuralSchema? Additional(JsonObject json, SchemaPlace place)
    {
        if (!json.TryGetPropertyValue("additionalProperties", out var value)) return null;
        _findings.EnterField("additionalProperties");
        StructuralSchema? schema = null;
        if (value is JsonValue flag && flag.TryGetValue(out bool any))
        {
            if (any) schema = new StructuralSchema { KeepsUnknown = true };
            else _findings.Add(FieldReasons.Forbidden, "Forbidden: must not be false: what has no property is left out in any case");
        }
        else
        {
            schema = ReadBelow(value, place);
        }

        if (json["properties"] is JsonObject { Count: > 0 }) _findings.Add(FieldReasons.Forbidden, "Forbidden: properties and additionalProperties are mutually exclusive");
        _findings.Leave();
        return schema;
    }

    private StructuralSchema? Item(JsonObject json, string type, SchemaPlace place)
    {
        if (!json.TryGetPropertyValue("items", out var value))
        {
            if (type == "array") _findings.Add("items", FieldReasons.Required, "Required value: must be specified");
            return null;
        }

        _findings.EnterField("items");
        var schema = ReadBelow(value, place);
        _findings.Leave();
        return schema;
    }

    private ValueLimits Limits(JsonObject json, bool either)
    {
        var (anyOf, allOf) = (Nested(json, "anyOf", either), Nested(json, "allOf", either));
        // Tools write out what int-or-string means; it says nothing more.
        if (either && json["anyOf"] is { } choices && IsIntOrString(choices)) anyOf = [];
        if (either && json["allOf"] is JsonArray { Count: > 0 } all && all[0]?["anyOf"] is { } first && IsIntOrString(first)) allOf.RemoveAt(0);
        return _keywords.Limits(json) with { AnyOf = anyOf, AllOf = allOf, OneOf = Nested(json, "oneOf", false), Not = Not(json) };
    }

    private List<StructuralSchema> Nested(JsonObject json, string keyword, bool either)
    {
        var schemas = new List<StructuralSchema>();
        if (json[keyword] is not JsonArray list) return schemas;
        _findings.EnterField(keyword);
        for (var index = 0; index < list.Count; index++)
        {
            _findings.EnterItem(index);
            var known = either && (IsIntOrString(list) || (list[index]?["anyOf"] is { } choices && IsIntOrString(choices)));
            if (known) schemas.Add(new StructuralSchema());
            else if (ReadBelow(list[index], SchemaPlace.Limit) is { } schema) schemas.Add(schema);
            _findings.Leave();
        }

        _findings.Leave();
        return schemas;
    }

    private StructuralSchema? Not(JsonObject json)
    {
        if (!json.TryGetPropertyValue("not", out var value)) return null;
        _findings.EnterField("not");
        var schema = ReadBelow(value, SchemaPlace.Limit);
        _findings.Leave();
        return schema;
    }

    private StructuralSchema? ReadBelow(JsonNode? value, SchemaPlace place)
    {
        if (value is JsonObject json) return Read(json, place == SchemaPlace.Limit ? SchemaPlace.Limit : SchemaPlace.Value);
        _findings.Add(FieldReasons.TypeInvalid, "Invalid value: expected a schema");
        return null;
    }

    private static bool IsIntOrString(JsonNode choices) =>
        choices is JsonArray { Count: 2 } list && list[0] is JsonObject { Count: 1 } first && list[1] is JsonObject { Count: 1 } second
        && first["type"]?.ToString() == "integer" && second["type"]?.ToString() == "string";

    /// <summary>A default must be a value that could be given.</summary>
    private void CheckDefault(StructuralSchema schema)
    {
        if (schema.Default is null) return;
        _findings.EnterField("default");
        var filled = schema.Default.DeepClone();
        SchemaDefaults.FillIn(filled, schema);
        new SchemaRules(_findings).Check(filled, schema);
        var unknown = new Findings("");
        if (SchemaPruning.Prune(filled, schema, unknown)) _findings.Add(FieldReasons.Invalid, $"Invalid value: {unknown.ToErrors()[0].Message}");
        _findings.Leave();
    }
}
