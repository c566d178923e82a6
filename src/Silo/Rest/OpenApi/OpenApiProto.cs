using System.Text.Json.Nodes;
using Google.Protobuf;

namespace Orchestrator.Silo.Rest.OpenApi;

/// <summary>
/// An OpenAPI 2 document in the protobuf form of gnostic (openapi.v2.Document), as far as our documents go. The numbers are those of
/// its fields.
/// </summary>
internal static class OpenApiProto
{
    /// <summary>Clients ask for it with an '@' before the version, which is no media type; the answer names a proper one.</summary>
    public const string MediaType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    public static ReadOnlyMemory<byte> Encode(JsonObject document)
    {
        var message = new ProtoMessage();
        message.Text(1, document["swagger"]);
        message.Nested(2, Info((JsonObject)document["info"]!));
        message.Nested(8, Named(2, (JsonObject)document["paths"]!, PathItem));
        message.Nested(9, Named(1, (JsonObject)document["definitions"]!, Schema));
        return message.ToArray();
    }

    private static ProtoMessage Info(JsonObject info) => new ProtoMessage().Text(1, info["title"]).Text(2, info["version"]);

    /// <summary>A map, which is written as a list of pairs of name (1) and value (2).</summary>
    private static ProtoMessage Named(int field, JsonObject values, Func<JsonObject, ProtoMessage> encode)
    {
        var list = new ProtoMessage();
        foreach (var (name, value) in values) list.Nested(field, new ProtoMessage().Text(1, name).Nested(2, encode((JsonObject)value!)));
        return list;
    }

    private static ProtoMessage PathItem(JsonObject item)
    {
        var message = new ProtoMessage();
        foreach (var (method, field) in new[] { ("get", 2), ("put", 3), ("post", 4), ("delete", 5), ("patch", 8) })
            if (item[method] is JsonObject operation) message.Nested(field, Operation(operation));
        return message;
    }

    private static ProtoMessage Operation(JsonObject operation)
    {
        var message = new ProtoMessage().Text(5, operation["operationId"]);
        foreach (var parameter in (JsonArray)operation["parameters"]!)
        {
            var query = new ProtoMessage().Text(2, parameter!["in"]).Text(4, parameter["name"]).Text(6, parameter["type"]);
            message.Nested(8, new ProtoMessage().Nested(1, new ProtoMessage().Nested(2, new ProtoMessage().Nested(3, query))));
        }

        var responses = new ProtoMessage();
        foreach (var (code, response) in (JsonObject)operation["responses"]!)
        {
            var answer = new ProtoMessage().Text(1, response!["description"]).Nested(2, new ProtoMessage().Nested(1, Schema((JsonObject)response["schema"]!)));
            responses.Nested(1, new ProtoMessage().Text(1, code).Nested(2, new ProtoMessage().Nested(1, answer)));
        }

        return Extensions(message.Nested(9, responses), 13, operation);
    }

    private static ProtoMessage Schema(JsonObject schema)
    {
        var message = new ProtoMessage().Text(1, schema["$ref"]).Text(2, schema["format"]).Text(4, schema["description"]);
        if (schema["default"] is { } value) message.Nested(5, Yaml(value));
        if (schema["maximum"] is { } maximum) message.Number(7, Double(maximum));
        if (schema["minimum"] is { } minimum) message.Number(9, Double(minimum));
        foreach (var name in schema["required"] as JsonArray ?? []) message.Text(19, name);
        foreach (var allowed in schema["enum"] as JsonArray ?? []) message.Nested(20, Yaml(allowed!));
        if (schema["additionalProperties"] is JsonObject values) message.Nested(21, new ProtoMessage().Nested(1, Schema(values)));
        if (schema["type"] is { } type) message.Nested(22, new ProtoMessage().Text(1, type));
        if (schema["items"] is JsonObject items) message.Nested(23, new ProtoMessage().Nested(1, Schema(items)));
        if (schema["properties"] is JsonObject properties) message.Nested(25, Named(1, properties, Schema));
        return Extensions(message, 31, schema);
    }

    private static double Double(JsonNode number) => double.Parse(number.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);

    private static ProtoMessage Extensions(ProtoMessage message, int field, JsonObject values)
    {
        foreach (var (name, value) in values.Where(one => one.Key.StartsWith("x-", StringComparison.Ordinal)))
            message.Nested(field, new ProtoMessage().Text(1, name).Nested(2, Yaml(value!)));
        return message;
    }

    /// <summary>Any value, as YAML; JSON is YAML.</summary>
    private static ProtoMessage Yaml(JsonNode value) => new ProtoMessage().Text(2, value.ToJsonString());

    /// <summary>A message that is written field by field.</summary>
    private sealed class ProtoMessage
    {
        private readonly List<byte[]> _fields = [];

        public ProtoMessage Text(int field, JsonNode? value) => Text(field, value?.GetValue<string>() ?? "");

        public ProtoMessage Text(int field, string value) => value.Length == 0 ? this : Write(output =>
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteString(value);
        });

        public ProtoMessage Number(int field, double value) => Write(output =>
        {
            output.WriteTag(field, WireFormat.WireType.Fixed64);
            output.WriteDouble(value);
        });

        public ProtoMessage Nested(int field, ProtoMessage message) => Write(output =>
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(message.ToArray()));
        });

        public byte[] ToArray() => [.. _fields.SelectMany(field => field)];

        private ProtoMessage Write(Action<CodedOutputStream> write)
        {
            using var bytes = new MemoryStream();
            using (var output = new CodedOutputStream(bytes)) write(output);
            _fields.Add(bytes.ToArray());
            return this;
        }
    }
}
