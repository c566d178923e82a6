using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Encoding.Tree;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Schemas;

/// <summary>
/// The object definitions as OpenAPI schemas, with Kubernetes' extensions (<c>x-kubernetes-…</c>) for kinds, lists and patches.
/// </summary>
/// <param name="version2">OpenAPI 2, which knows less, and has its schemas elsewhere, than OpenAPI 3.</param>
public sealed class ObjectSchemas(bool version2)
{
    private readonly string _prefix = version2 ? "#/definitions/" : "#/components/schemas/";

    private const string Api = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private readonly SortedDictionary<string, JsonObject> _made = new(StringComparer.Ordinal);

    /// <summary>Adds a kind, its list, and all that they refer to.</summary>
    public void Add(Kind kind)
    {
        if (_made.TryAdd(NameOf(kind), [])) _made[NameOf(kind)] = kind.Definition.OpenApi(this, kind);
        _made.TryAdd(NameOf(kind) + "List", ListOf(kind));
    }

    /// <summary>Everything that was added, by name.</summary>
    public JsonObject ToJson()
    {
        var all = new JsonObject();
        foreach (var (name, schema) in _made) all[name] = schema.DeepClone();
        return all;
    }

    public static string NameOf(Kind kind) => kind.Custom is null ? SchemaNames.Of(kind.Descriptor) : SchemaNames.OfCustom(kind);

    public static JsonObject GroupVersionKind(Kind kind, string suffix = "") => new()
    {
        ["group"] = kind.Resource.Group,
        ["version"] = kind.Rules.Version,
        ["kind"] = kind.Name + suffix,
    };

    public JsonObject ReferenceTo(Kind kind) => new() { ["$ref"] = _prefix + NameOf(kind) };

    internal JsonObject Reference(MessageDescriptor message)
    {
        var name = SchemaNames.Of(message);
        if (!_made.ContainsKey(name))
        {
            // Taken before it is made: a definition may refer to itself.
            _made[name] = [];
            _made[name] = SchemaOf(message);
        }

        return new JsonObject { ["$ref"] = _prefix + name };
    }

    internal JsonObject SchemaOf(MessageDescriptor message)
    {
        if (message.FullName == IntOrString.Descriptor.FullName) return new JsonObject { ["type"] = "string", ["format"] = "int-or-string" };
        var shape = MessageShape.Of(message);
        var properties = new JsonObject();
        if (shape.Kind is not null)
        {
            properties["apiVersion"] = ApiVersion();
            properties["kind"] = KindName();
        }

        foreach (var field in shape.Fields) properties[field.Name] = Property(field);
        var schema = new JsonObject { ["description"] = ProtoComments.Of(message.FullName), ["type"] = "object", ["properties"] = properties };
        var required = shape.Fields.Where(field => field.Rules.Required).Select(field => (JsonNode)field.Name).ToArray();
        if (required.Length > 0) schema["required"] = new JsonArray(required);
        if (shape.Kind is { } kind) schema["x-kubernetes-group-version-kind"] = new JsonArray(GroupVersionKind(kind));
        return schema;
    }

    /// <summary>What a custom kind's definition says, with what every object has.</summary>
    internal JsonObject SchemaOf(Kind kind, JsonObject definition)
    {
        var schema = version2 ? SchemaText.ForVersion2(definition) : (JsonObject)definition.DeepClone();
        if (schema["properties"] is not JsonObject properties) schema["properties"] = properties = [];
        properties["apiVersion"] = ApiVersion();
        properties["kind"] = KindName();
        properties["metadata"] = Reference(ObjectMeta.Descriptor);
        schema["x-kubernetes-group-version-kind"] = new JsonArray(GroupVersionKind(kind));
        return schema;
    }

    private static JsonObject ApiVersion() => new() { ["type"] = "string", ["description"] = "The group and version of the schema of this object." };

    private static JsonObject KindName() => new() { ["type"] = "string", ["description"] = "What this object is." };

    private JsonObject Property(FieldShape field)
    {
        var schema = field.IsMap ? new JsonObject { ["type"] = "object", ["additionalProperties"] = Element(field) }
            : field.IsList ? ListSchema(field)
            : Element(field);
        if (ProtoComments.Of(field.Descriptor.FullName) is { Length: > 0 } text) schema["description"] = text;
        if (field.Default is { Kind: not (ValueKind.Object or ValueKind.List) }) schema["default"] = JsonNode.Parse(field.Rules.DefaultJson);
        if (field.Rules.HasMinimum) schema["minimum"] = field.Rules.Minimum;
        if (field.Rules.HasMaximum) schema["maximum"] = field.Rules.Maximum;
        return schema;
    }

    private JsonObject ListSchema(FieldShape field)
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = Element(field) };
        switch (field.Rules.ListType)
        {
            case ListType.Map:
                schema["x-kubernetes-list-type"] = "map";
                schema["x-kubernetes-list-map-keys"] = new JsonArray([.. field.Rules.ListMapKeys.Select(key => (JsonNode)key)]);
                schema["x-kubernetes-patch-merge-key"] = field.Rules.ListMapKeys[0];
                schema["x-kubernetes-patch-strategy"] = "merge";
                break;
            case ListType.Set:
                schema["x-kubernetes-list-type"] = "set";
                schema["x-kubernetes-patch-strategy"] = "merge";
                break;
            default:
                schema["x-kubernetes-list-type"] = "atomic";
                break;
        }

        return schema;
    }

    private JsonObject Element(FieldShape field)
    {
        var schema = field.Element switch
        {
            ElementKind.Boolean => Primitive("boolean"),
            ElementKind.Int32 => Primitive("integer", "int32"),
            ElementKind.Int64 => Primitive("integer", "int64"),
            ElementKind.Bytes => Primitive("string", "byte"),
            ElementKind.RawJson => Primitive("object"),
            ElementKind.Timestamp => Primitive("string", "date-time"),
            ElementKind.String => Primitive("string"),
            ElementKind.IntOrString => Reference(IntOrString.Descriptor),
            _ => Reference(field.Message.Descriptor),
        };
        if (field.Rules.Allowed.Count > 0) schema["enum"] = new JsonArray([.. field.Rules.Allowed.Select(value => (JsonNode)value)]);
        return schema;
    }

    private JsonObject ListOf(Kind kind)
    {
        _made.TryAdd(Api + "ListMeta", ListMeta());
        return new JsonObject
        {
            ["description"] = $"A list of {kind.Rules.Plural}.",
            ["type"] = "object",
            ["required"] = new JsonArray("items"),
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = Primitive("string"),
                ["kind"] = Primitive("string"),
                ["metadata"] = new JsonObject { ["$ref"] = _prefix + Api + "ListMeta" },
                ["items"] = new JsonObject { ["type"] = "array", ["items"] = ReferenceTo(kind) },
            },
            ["x-kubernetes-group-version-kind"] = new JsonArray(GroupVersionKind(kind, "List")),
        };
    }

    private static JsonObject ListMeta() => new()
    {
        ["description"] = "What a list carries beside its items.",
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["continue"] = Primitive("string"),
            ["remainingItemCount"] = Primitive("integer", "int64"),
            ["resourceVersion"] = Primitive("string"),
            ["selfLink"] = Primitive("string"),
        },
    };

    private static JsonObject Primitive(string type, string? format = null)
    {
        var schema = new JsonObject { ["type"] = type };
        if (format is not null) schema["format"] = format;
        return schema;
    }
}
