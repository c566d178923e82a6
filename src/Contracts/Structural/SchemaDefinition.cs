using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Encoding.Rules;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Encoding.Tree;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Contracts.Schemas;
using Orchestrator.Objects.ApiExtensionsV1;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Structural;

/// <summary>A kind that a structural schema defines: its objects are <see cref="CustomObject"/>s, whose members the schema knows.</summary>
internal sealed class SchemaDefinition : IObjectDefinition
{
    private const string Status = "status";

    private static readonly MessageShape Carrier = MessageShape.Of(CustomObject.Descriptor);

    private readonly StructuralSchema _schema;
    private readonly JsonObject _text;
    private readonly HashSet<string> _selectable;

    /// <param name="schema">The schema.</param>
    /// <param name="text">The same as it was written.</param>
    /// <param name="version">Which subresources there are and which fields can be selected by.</param>
    public SchemaDefinition(StructuralSchema schema, JsonObject text, CustomResourceDefinitionVersion version)
    {
        (_schema, _text) = (schema, text);
        _selectable = [.. version.SelectableFields.Select(field => field.JsonPath.TrimStart('.'))];
        Shape = new RootShape(schema);
        HasStatus = version.Subresources?.Status is not null;
        if (version.Subresources?.Scale is { } scale) Scale = new ScalePaths(scale.SpecReplicasPath, scale.StatusReplicasPath, scale.LabelSelectorPath);
    }

    public IJsonShape Shape { get; }

    public bool HasStatus { get; }

    public bool HasGenerations => true;

    public ScalePaths? Scale { get; }

    /// <summary>As the schema is now: it may have changed since the object was stored.</summary>
    public IMessage Parse(ReadOnlySpan<byte> encoded)
    {
        var obj = CustomObject.Parser.ParseFrom(encoded);
        var members = Members(obj);
        if (SchemaPruning.Prune(members, _schema, new Findings("")) | SchemaDefaults.FillIn(members, _schema)) SetMembers(obj, members);
        return obj;
    }

    public IMessage Read(ValueNode node, Findings findings)
    {
        var own = node.Members.Where(member => member.Name == "metadata").ToList();
        var obj = (CustomObject)MessageReader.Read(ValueNode.Object(own, node.Position), Carrier, findings);
        var rest = node.Members.Where(member => member.Name is not ("apiVersion" or "kind" or "metadata")).ToList();
        var members = (JsonObject)JsonForm.From(ValueNode.Object(rest, node.Position), findings)!;
        SchemaPruning.Prune(members, _schema, findings);
        SetMembers(obj, members);
        return obj;
    }

    public void WriteMembers(Utf8JsonWriter writer, IMessage obj)
    {
        var custom = (CustomObject)obj;
        if (custom.Metadata is { } metadata)
        {
            writer.WritePropertyName("metadata");
            ObjectJson.Write(writer, metadata);
        }

        foreach (var (name, value) in custom.Members.OrderBy(member => member.Key, StringComparer.Ordinal))
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.Span, skipInputValidation: true);
        }
    }

    public void FillIn(IMessage obj)
    {
        var members = Members(obj);
        if (SchemaDefaults.FillIn(members, _schema)) SetMembers((CustomObject)obj, members);
    }

    public void Check(IMessage obj, Findings findings)
    {
        new ObjectRules(findings).Check(obj, kind: null);
        // What every object has counts as there: it has been checked by now.
        var whole = Members(obj);
        if (_schema.Names is { } limits) CheckMetadata(((CustomObject)obj).Metadata, limits, findings);
        whole["apiVersion"] = "";
        whole["kind"] = "";
        whole["metadata"] = new JsonObject();
        new SchemaRules(findings).Check(whole, _schema);
    }

    public void CheckChange(IMessage old, IMessage @new, Findings findings) => new UpdateRules(findings).Check(old, @new, Carrier);

    public void TakeStatus(IMessage obj, IMessage? from)
    {
        var members = ((CustomObject)obj).Members;
        if (from is CustomObject other && other.Members.TryGetValue(Status, out var status)) members[Status] = status;
        else members.Remove(Status);
    }

    public bool SpecDiffers(IMessage left, IMessage right)
    {
        if (!HasStatus) return !((CustomObject)left).Members.Equals(((CustomObject)right).Members);
        var (before, after) = (((CustomObject)left).Members.Clone(), ((CustomObject)right).Members.Clone());
        before.Remove(Status);
        after.Remove(Status);
        return !before.Equals(after);
    }

    public Func<IMessage, string>? FieldReader(string path)
    {
        if (path.StartsWith("metadata.", StringComparison.Ordinal)) return MessageDefinition.Reader(CustomObject.Descriptor, path);
        if (!_selectable.Contains(path)) return null;
        var steps = path.Split('.');
        return obj => ((CustomObject)obj).Members.TryGetValue(steps[0], out var member)
            ? steps.Skip(1).Aggregate(JsonForm.Parse(member), (node, step) => (node as JsonObject)?[step])?.ToString() ?? ""
            : "";
    }

    public JsonObject OpenApi(ObjectSchemas schemas, Kind kind) => schemas.SchemaOf(kind, _text);

    private static JsonObject Members(IMessage obj)
    {
        var members = new JsonObject();
        foreach (var (name, value) in ((CustomObject)obj).Members) members[name] = JsonForm.Parse(value);
        return members;
    }

    private static void SetMembers(CustomObject obj, JsonObject members)
    {
        obj.Members.Clear();
        foreach (var (name, value) in members) obj.Members[name] = JsonForm.Encode(value);
    }

    private static void CheckMetadata(ObjectMeta? metadata, StructuralSchema limits, Findings findings)
    {
        var names = new JsonObject();
        if (metadata?.Name.Length > 0) names["name"] = metadata.Name;
        if (metadata?.GenerateName.Length > 0) names["generateName"] = metadata.GenerateName;
        findings.EnterField("metadata");
        new SchemaRules(findings).Check(names, limits);
        findings.Leave();
    }

    private sealed class RootShape(StructuralSchema schema) : IJsonShape
    {
        public bool MembersStandAlone => true;

        public ListType ListType => ListType.Atomic;

        public IReadOnlyList<string> ListMapKeys => [];

        public IJsonShape? Items => null;

        public JsonNode? DefaultValue => null;

        public IJsonShape? Member(string name) => name == "metadata" ? Carrier.Member(name) : schema.Member(name);
    }
}
