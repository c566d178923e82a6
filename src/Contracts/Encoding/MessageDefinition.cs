using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Orchestrator.Contracts.Encoding.Rules;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Encoding.Tree;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Contracts.Schemas;

namespace Orchestrator.Contracts.Encoding;

/// <summary>A kind that is a proto message: <c>spec</c> and <c>status</c> are fields of it, their rules options of the fields.</summary>
internal sealed class MessageDefinition : IObjectDefinition
{
    private readonly MessageDescriptor _descriptor;
    private readonly FieldDescriptor? _status;
    private readonly FieldDescriptor[] _spec;

    public MessageDefinition(MessageDescriptor descriptor)
    {
        _descriptor = descriptor;
        _status = descriptor.FindFieldByName("status");
        _spec = [.. descriptor.Fields.InDeclarationOrder().Where(field => field.Name is not ("metadata" or "status"))];
        HasGenerations = descriptor.FindFieldByName("spec") is not null;
        Scale = ScaleOf(descriptor);
    }

    public IJsonShape Shape => MessageShape.Of(_descriptor);

    public bool HasStatus => _status is not null;

    public bool HasGenerations { get; }

    public ScalePaths? Scale { get; }

    public IMessage Parse(ReadOnlySpan<byte> encoded) => _descriptor.Parser.ParseFrom(encoded);

    public IMessage Read(ValueNode node, Findings findings) => MessageReader.Read(node, MessageShape.Of(_descriptor), findings);

    public void WriteMembers(Utf8JsonWriter writer, IMessage obj) => MessageWriter.WriteFields(writer, obj, MessageShape.Of(_descriptor));

    public void FillIn(IMessage obj) => Defaults.Apply(obj);

    public void Check(IMessage obj, Findings findings) => new ObjectRules(findings).Check(obj, kind: null);

    public void CheckChange(IMessage old, IMessage @new, Findings findings) => new UpdateRules(findings).Check(old, @new, MessageShape.Of(_descriptor));

    public void TakeStatus(IMessage obj, IMessage? from)
    {
        // A copy: two objects never share a part that one of them may change.
        if (from is not null && _status!.Accessor.GetValue(from) is IMessage status) _status.Accessor.SetValue(obj, status.Descriptor.Parser.ParseFrom(status.ToByteString()));
        else _status!.Accessor.Clear(obj);
    }

    public bool SpecDiffers(IMessage left, IMessage right) => _spec.Any(field => !Equals(field.Accessor.GetValue(left), field.Accessor.GetValue(right)));

    public Func<IMessage, string>? FieldReader(string path) => Reader(_descriptor, path);

    public JsonObject OpenApi(ObjectSchemas schemas, Kind kind) => schemas.SchemaOf(_descriptor);

    /// <summary>Reads a plain field of a message, however deep; null if there is none at that path.</summary>
    public static Func<IMessage, string>? Reader(MessageDescriptor message, string path)
    {
        var fields = new List<FieldDescriptor>();
        foreach (var name in path.Split('.'))
        {
            if (fields.Count > 0 && fields[^1].FieldType != FieldType.Message) return null;
            var within = fields.Count == 0 ? message : fields[^1].MessageType;
            var field = within.Fields.InDeclarationOrder().FirstOrDefault(field => field.JsonName == name);
            if (field is null || field.IsRepeated || field.IsMap) return null;
            fields.Add(field);
        }

        return fields[^1].FieldType == FieldType.Message ? null : obj => Read(fields, obj);
    }

    private static string Read(List<FieldDescriptor> path, IMessage obj)
    {
        object? value = obj;
        foreach (var field in path)
        {
            if (value is not IMessage message) return "";
            value = field.Accessor.GetValue(message);
        }

        return value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
    }

    private static ScalePaths? ScaleOf(MessageDescriptor descriptor)
    {
        bool Has(string part, string field) => descriptor.FindFieldByName(part)?.MessageType.FindFieldByName(field) is not null;
        return Has("spec", "replicas") && Has("status", "replicas") ? new ScalePaths(".spec.replicas", ".status.replicas", Has("spec", "selector") ? ".spec.selector" : "") : null;
    }
}
