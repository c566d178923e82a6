using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Encoding.Tree;

namespace Orchestrator.Contracts.Structural;

/// <summary>Members of custom objects as trees and as bytes. The bytes have their keys in order: equal trees are equal bytes.</summary>
internal static class JsonForm
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = ObjectJson.Encoder, SkipValidation = true };

    public static JsonNode? Parse(ByteString member) => JsonNode.Parse(member.Span);

    public static ByteString Encode(JsonNode? value)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Compact)) Write(writer, value);
        return ByteString.CopyFrom(buffer.WrittenSpan);
    }

    /// <summary>What was read, as a tree to change; a member that is given twice is reported, and the first one counts.</summary>
    public static JsonNode? From(ValueNode node, Findings findings)
    {
        switch (node.Kind)
        {
            case ValueKind.Object:
                var members = new JsonObject();
                foreach (var (name, position, value) in node.Members)
                {
                    findings.EnterField(name);
                    if (members.ContainsKey(name)) findings.AddAt(position, FieldReasons.Duplicate, $"the field '{Quoted.Bare(name)}' is given more than once");
                    else members[name] = From(value, findings);
                    findings.Leave();
                }

                return members;
            case ValueKind.List:
                var items = new JsonArray();
                for (var index = 0; index < node.Items.Count; index++)
                {
                    findings.EnterItem(index);
                    items.Add(From(node.Items[index], findings));
                    findings.Leave();
                }

                return items;
            default:
                return JsonNode.Parse(NodeJson.Encode(node).Span);
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject members:
                writer.WriteStartObject();
                foreach (var (name, member) in members.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(writer, member);
                }

                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items) Write(writer, item);
                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
