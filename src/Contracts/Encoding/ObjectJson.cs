using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Tree;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Contracts.Encoding;

/// <summary>Objects in the Kubernetes wire form.</summary>
public static class ObjectJson
{
    // The text never stands inside HTML; what must be escaped in JSON still is.
    internal static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private static readonly JsonWriterOptions Compact = new() { Encoder = Encoder, SkipValidation = true };
    private static readonly JsonWriterOptions Indented = Compact with { Indented = true, IndentSize = 4, NewLine = "\n" };

    /// <summary>Writes an object, or a part of one, as one JSON value; a kind's message starts with apiVersion and kind.</summary>
    public static void Write(Utf8JsonWriter writer, IMessage obj) => MessageWriter.Write(writer, obj);

    /// <summary>Writes an object of whatever kind.</summary>
    public static void Write(Utf8JsonWriter writer, Kind kind, IMessage obj)
    {
        writer.WriteStartObject();
        MessageWriter.WriteKind(writer, kind);
        kind.Definition.WriteMembers(writer, obj);
        writer.WriteEndObject();
    }

    public static byte[] Encode(Kind kind, IMessage obj)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, Compact);
        Write(writer, kind, obj);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] Encode(IMessage obj) => Encode(obj, Compact);

    public static string EncodeText(IMessage obj) => System.Text.Encoding.UTF8.GetString(Encode(obj, Compact));

    /// <summary>On several lines, indented by four as kubectl does it; without a last line break.</summary>
    public static string EncodeIndented(IMessage obj) => System.Text.Encoding.UTF8.GetString(Encode(obj, Indented));

    /// <summary>
    /// Reads one object without filling in defaults or validating. The object is null exactly if there are errors.
    /// </summary>
    /// <param name="json">The text; its length is not limited here.</param>
    /// <param name="expected">The kind that it must be; then apiVersion and kind may be absent.</param>
    /// <param name="source">The name of the text in errors.</param>
    public static (IMessage? Object, IReadOnlyList<FieldError> Errors) Decode(ReadOnlySpan<byte> json, Kind? expected, string source)
    {
        var findings = new Findings(source);
        var documents = new List<ValueNode>();
        InputText.ReadJson(json, findings, documents);
        var reader = new DocumentReader(findings, source, KindCatalog.BuiltIn);
        foreach (var document in documents) reader.Read(document, expected);
        if (!findings.Any && (documents.Count, reader.Objects.Count) is not (1, 1))
        {
            findings.AddAt(default, FieldReasons.Invalid, $"expected one object, found {reader.Objects.Count}");
        }
        return findings.Any ? (null, findings.ToErrors()) : (reader.Objects[0].Message, []);
    }

    private static byte[] Encode(IMessage obj, JsonWriterOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, options);
        Write(writer, obj);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
