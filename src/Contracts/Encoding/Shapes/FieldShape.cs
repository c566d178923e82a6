using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Orchestrator.Contracts.Encoding.Tree;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Encoding.Shapes;

/// <summary>What one value of a field is in JSON.</summary>
internal enum ElementKind
{
    String,
    Boolean,
    Int32,
    Int64,
    Bytes,
    Timestamp,
    IntOrString,
    RawJson,
    Message,
}

/// <summary>One field of a message, with all that the codec needs of its descriptor and its rules.</summary>
internal sealed class FieldShape : IJsonShape
{
    private static readonly FieldRules NoRules = new();

    // The descriptor computes these anew at each call.
    private readonly bool _hasPresence;
    private readonly IFieldAccessor _accessor;
    private readonly FieldDescriptor _element;
    private readonly Lazy<MessageShape> _message;
    private readonly Lazy<ValueNode?> _default;
    private readonly Func<IMessage, bool>? _getBoolean;
    private readonly Func<IMessage, int>? _getInt32;
    private readonly Func<IMessage, long>? _getInt64;

    public FieldShape(FieldDescriptor descriptor)
    {
        Descriptor = descriptor;
        Name = descriptor.JsonName;
        EncodedName = JsonEncodedText.Encode(Name, ObjectJson.Encoder);
        Rules = descriptor.GetOptions()?.GetExtension(RulesExtensions.Field) ?? NoRules;
        IsMap = descriptor.IsMap;
        IsList = descriptor.IsRepeated && !IsMap;
        _hasPresence = descriptor.HasPresence;
        _accessor = descriptor.Accessor;
        _element = IsMap ? descriptor.MessageType.FindFieldByNumber(2) : descriptor;
        Element = Rules.RawJson ? ElementKind.RawJson : KindOf(_element);
        _message = new Lazy<MessageShape>(() => MessageShape.Of(_element.MessageType));
        _default = new Lazy<ValueNode?>(ReadDefault);
        if (IsMap || IsList) return;
        var property = descriptor.ContainingType.ClrType.GetProperty(descriptor.PropertyName)!;
        if (Element == ElementKind.Boolean) _getBoolean = Getter<bool>(property);
        if (Element == ElementKind.Int32) _getInt32 = Getter<int>(property);
        if (Element == ElementKind.Int64) _getInt64 = Getter<long>(property);
    }

    public FieldDescriptor Descriptor { get; }
    public string Name { get; }
    public JsonEncodedText EncodedName { get; }
    public FieldRules Rules { get; }

    /// <summary>What the field's value is, or each value of a list or map.</summary>
    public ElementKind Element { get; }

    public bool IsMap { get; }
    public bool IsList { get; }

    /// <summary>The shape of the message that the field, or each of its elements, is.</summary>
    public MessageShape Message => _message.Value;

    /// <summary>What is filled in when the field is absent; null: nothing.</summary>
    public ValueNode? Default => _default.Value;

    public bool MembersStandAlone => IsMap || Element == ElementKind.Message;

    public ListType ListType => Rules.ListType;

    public IReadOnlyList<string> ListMapKeys => Rules.ListMapKeys;

    public IJsonShape? Items => IsList && Element == ElementKind.Message ? Message : null;

    public JsonNode? DefaultValue => Rules.DefaultJson.Length == 0 ? null : JsonNode.Parse(Rules.DefaultJson);

    public IJsonShape? Member(string name) => Element == ElementKind.Message && !IsMap ? Message.Find(name) : null;

    public object? Get(IMessage message) => _accessor.GetValue(message);
    public void Set(IMessage message, object value) => _accessor.SetValue(message, value);
    public bool GetBoolean(IMessage message) => _getBoolean!(message);
    public long GetInteger(IMessage message) => _getInt32 is not null ? _getInt32(message) : _getInt64!(message);

    /// <summary>Whether the field would be written: an optional one that is set, a message, else anything but zero or empty.</summary>
    public bool IsPresent(IMessage message)
    {
        if (IsMap || IsList) return ((System.Collections.ICollection)Get(message)!).Count > 0;
        if (_hasPresence) return _accessor.HasValue(message);
        return Element switch
        {
            ElementKind.Boolean => GetBoolean(message),
            ElementKind.Int32 or ElementKind.Int64 => GetInteger(message) != 0,
            ElementKind.String => ((string)Get(message)!).Length > 0,
            _ => ((ByteString)Get(message)!).Length > 0,
        };
    }

    private static ElementKind KindOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => ElementKind.String,
        FieldType.Bool => ElementKind.Boolean,
        FieldType.Int32 => ElementKind.Int32,
        FieldType.Int64 => ElementKind.Int64,
        FieldType.Bytes => ElementKind.Bytes,
        FieldType.Message => field.MessageType.FullName switch
        {
            "google.protobuf.Timestamp" => ElementKind.Timestamp,
            "orchestrator.meta.v1.IntOrString" => ElementKind.IntOrString,
            _ => ElementKind.Message,
        },
        _ => throw new NotSupportedException($"{field.FullName}: an object definition can't have a field of type {field.FieldType}."),
    };

    private ValueNode? ReadDefault()
    {
        if (Rules.DefaultJson.Length == 0) return null;
        var values = new List<ValueNode>();
        JsonTree.Read(System.Text.Encoding.UTF8.GetBytes(Rules.DefaultJson), values);
        return values.Single();
    }

    // Typed getters, because the reflection of Google.Protobuf boxes every number.
    private static Func<IMessage, TValue> Getter<TValue>(PropertyInfo property) =>
        (Func<IMessage, TValue>)typeof(FieldShape).GetMethod(nameof(Typed), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(property.DeclaringType!, typeof(TValue)).Invoke(null, [property.GetMethod])!;

    private static Func<IMessage, TValue> Typed<TMessage, TValue>(MethodInfo getter) where TMessage : IMessage
    {
        var get = getter.CreateDelegate<Func<TMessage, TValue>>();
        return message => get((TMessage)message);
    }
}
