using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Rest.Answers;

/// <summary>How this door writes JSON.</summary>
internal static class RestJson
{
    /// <summary>The text never stands inside HTML; what must be escaped in JSON still is.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write, int expectedBytes = 1024)
    {
        var buffer = new ArrayBufferWriter<byte>(expectedBytes);
        using var writer = new Utf8JsonWriter(buffer, Options);
        write(writer);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>An object without spec and status.</summary>
    public static void WriteMetadataOnly(this Utf8JsonWriter writer, StoredObject obj, string version)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "PartialObjectMetadata");
        writer.WriteString("apiVersion", $"meta.k8s.io/{version}");
        writer.WritePropertyName("metadata");
        ObjectJson.Write(writer, obj.Metadata);
        writer.WriteEndObject();
    }
}
