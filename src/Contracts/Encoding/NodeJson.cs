using System.Buffers;
using System.Text.Json;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Tree;

namespace Orchestrator.Contracts.Encoding;

/// <summary>A tree as compact JSON again, for the fields that hold any JSON at all.</summary>
internal static class NodeJson
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = ObjectJson.Encoder, SkipValidation = true };

    public static ByteString Encode(ValueNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Compact)) Write(writer, node);
        return ByteString.CopyFrom(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, ValueNode node)
    {
        switch (node.Kind)
        {
            case ValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in node.Members)
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case ValueKind.List:
                writer.WriteStartArray();
                foreach (var item in node.Items) Write(writer, item);
                writer.WriteEndArray();
                break;
            case ValueKind.Number when IsJson(node.Text):
                writer.WriteRawValue(node.Text, skipInputValidation: true);
                break;
            case ValueKind.Boolean:
                writer.WriteBooleanValue(node.Text == "true");
                break;
            case ValueKind.Null:
                writer.WriteNullValue();
                break;
            default:
                writer.WriteStringValue(node.Text);
                break;
        }
    }

    /// <summary>YAML has numbers that JSON hasn't, such as .inf and 0644.</summary>
    private static bool IsJson(string number)
    {
        try
        {
            var reader = new Utf8JsonReader(System.Text.Encoding.ASCII.GetBytes(number));
            return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.BytesConsumed == number.Length;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
