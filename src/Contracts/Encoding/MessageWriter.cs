using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Encoding;

/// <summary>Writes messages as JSON; the hot path of the store, so numbers and booleans are never boxed.</summary>
internal static class MessageWriter
{
    private static readonly JsonEncodedText ApiVersion = JsonEncodedText.Encode("apiVersion");
    private static readonly JsonEncodedText KindName = JsonEncodedText.Encode("kind");

    public static void Write(Utf8JsonWriter writer, IMessage message) => Write(writer, message, MessageShape.Of(message));

    private static void Write(Utf8JsonWriter writer, IMessage message, MessageShape shape)
    {
        writer.WriteStartObject();
        if (shape.Kind is { } kind) WriteKind(writer, kind);
        WriteFields(writer, message, shape);
        writer.WriteEndObject();
    }

    public static void WriteFields(Utf8JsonWriter writer, IMessage message, MessageShape shape)
    {
        foreach (var field in shape.Fields)
        {
            if (!field.IsPresent(message)) continue;
            writer.WritePropertyName(field.EncodedName);
            if (field.IsMap) WriteMap(writer, field, field.Get(message)!);
            else if (field.IsList) WriteList(writer, field, field.Get(message)!);
            else WriteSingle(writer, field, message);
        }
    }

    public static void WriteKind(Utf8JsonWriter writer, Kind kind)
    {
        writer.WriteString(ApiVersion, kind.ApiVersion);
        writer.WriteString(KindName, kind.Name);
    }

    private static void WriteSingle(Utf8JsonWriter writer, FieldShape field, IMessage message)
    {
        switch (field.Element)
        {
            case ElementKind.Boolean:
                writer.WriteBooleanValue(field.GetBoolean(message));
                break;
            case ElementKind.Int32 or ElementKind.Int64:
                writer.WriteNumberValue(field.GetInteger(message));
                break;
            default:
                WriteElement(writer, field, field.Get(message)!);
                break;
        }
    }

    private static void WriteList(Utf8JsonWriter writer, FieldShape field, object values)
    {
        writer.WriteStartArray();
        if (values is RepeatedField<string> strings)
        {
            foreach (var text in strings) writer.WriteStringValue(text);
        }
        else
        {
            foreach (var value in (IEnumerable)values) WriteElement(writer, field, value);
        }
        writer.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter writer, FieldShape field, object values)
    {
        writer.WriteStartObject();
        if (values is MapField<string, string> strings)
        {
            WriteStrings(writer, strings);
        }
        else
        {
            var map = (IDictionary)values;
            foreach (var key in map.Keys.Cast<string>().Order(StringComparer.Ordinal))
            {
                writer.WritePropertyName(key);
                WriteElement(writer, field, map[key]!);
            }
        }
        writer.WriteEndObject();
    }

    // In the order of the keys, as Kubernetes does, so that equal objects have equal bytes.
    private static void WriteStrings(Utf8JsonWriter writer, MapField<string, string> strings)
    {
        if (strings.Count == 1)
        {
            foreach (var (key, text) in strings) writer.WriteString(key, text);
            return;
        }
        var keys = ArrayPool<string>.Shared.Rent(strings.Count);
        strings.Keys.CopyTo(keys, 0);
        Array.Sort(keys, 0, strings.Count, StringComparer.Ordinal);
        for (var index = 0; index < strings.Count; index++) writer.WriteString(keys[index], strings[keys[index]]);
        ArrayPool<string>.Shared.Return(keys, clearArray: true);
    }

    private static void WriteElement(Utf8JsonWriter writer, FieldShape field, object value)
    {
        switch (value)
        {
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int or long:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ByteString json when field.Element == ElementKind.RawJson:
                writer.WriteRawValue(json.Span, skipInputValidation: true);
                break;
            case ByteString bytes:
                writer.WriteBase64StringValue(bytes.Span);
                break;
            case Timestamp time:
                WriteTime(writer, time, field.Rules.MicroTime);
                break;
            case IntOrString either when either.ValueCase == IntOrString.ValueOneofCase.StringValue:
                writer.WriteStringValue(either.StringValue);
                break;
            case IntOrString either:
                writer.WriteNumberValue(either.IntValue);
                break;
            default:
                Write(writer, (IMessage)value, field.Message);
                break;
        }
    }

    private static void WriteTime(Utf8JsonWriter writer, Timestamp time, bool micro)
    {
        Span<char> text = stackalloc char[WireTime.MaximumLength];
        writer.WriteStringValue(text[..WireTime.Format(time, micro, text)]);
    }
}
