using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Api.V1;

namespace Orchestrator.Cli.Rendering;

/// <summary>Objects as JSON or YAML: one as it is, several as a <c>v1 List</c>, as kubectl prints them.</summary>
internal static class Listing
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        IndentSize = 4,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Json(JsonNode node) => Json(writer => node.WriteTo(writer));

    public static string Json(Api.V1.Object one) => Indent(one.Json.Memory);

    public static string Indent(ReadOnlyMemory<byte> json) => Json(writer => WriteObject(writer, json));

    public static string Json(IReadOnlyCollection<Api.V1.Object> items) => Json(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion", "v1");
        writer.WriteStartArray("items");
        foreach (var item in items) WriteObject(writer, item.Json.Memory);
        writer.WriteEndArray();
        writer.WriteString("kind", "List");
        writer.WriteStartObject("metadata");
        writer.WriteString("resourceVersion", "");
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    public static string Yaml(Api.V1.Object one) => Document(one);

    public static string Yaml(IReadOnlyCollection<Api.V1.Object> items)
    {
        var text = new StringBuilder("apiVersion: v1\n");
        text.Append(items.Count == 0 ? "items: []\n" : "items:\n");
        foreach (var item in items)
        {
            var prefix = "- ";
            foreach (var line in Document(item).TrimEnd('\n').Split('\n'))
            {
                if (line.Length > 0) text.Append(prefix).Append(line);
                text.Append('\n');
                prefix = "  ";
            }
        }
        return text.Append("kind: List\nmetadata:\n  resourceVersion: \"\"\n").ToString();
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented)) write(writer);
        buffer.WriteByte((byte)'\n');
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteObject(Utf8JsonWriter writer, ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        document.RootElement.WriteTo(writer);
    }

    private static string Document(Api.V1.Object one)
    {
        var text = one.Yaml.ToStringUtf8();
        if (text.StartsWith("---\n", StringComparison.Ordinal)) text = text[4..];
        return text.EndsWith('\n') ? text : text + "\n";
    }
}
