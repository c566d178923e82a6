using System.Globalization;
using System.Text.Json;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects.Tables;

namespace Orchestrator.Silo.Rest.Answers;

/// <summary>Objects as rows of kubectl's tables.</summary>
internal static class TableAnswer
{
    /// <param name="writer">Where to.</param>
    /// <param name="kind">What the rows are.</param>
    /// <param name="objects">The rows.</param>
    /// <param name="list">Version and continuation of the list; of a single object its version.</param>
    /// <param name="version">Of meta.k8s.io.</param>
    /// <param name="include">What of each object goes with its row: None, Metadata or Object.</param>
    /// <param name="columns">Whether the columns are described; a watch says them once.</param>
    /// <param name="now">Ages count up to here.</param>
    public static void WriteTable(
        this Utf8JsonWriter writer, Kind kind, IEnumerable<StoredObject> objects, ListPlace list, string version, string include, bool columns, DateTimeOffset now)
    {
        var layout = TableLayouts.For(kind);
        writer.WriteStartObject();
        writer.WriteString("kind", "Table");
        writer.WriteString("apiVersion", $"meta.k8s.io/{version}");
        writer.WritePropertyName("metadata");
        list.Write(writer);
        writer.WriteStartArray("columnDefinitions");
        if (columns) foreach (var column in layout.Columns) WriteColumn(writer, column);
        writer.WriteEndArray();
        writer.WriteStartArray("rows");
        foreach (var obj in objects)
        {
            writer.WriteStartObject();
            writer.WriteStartArray("cells");
            foreach (var column in layout.Columns) WriteCell(writer, column, obj, now);
            writer.WriteEndArray();
            if (include != "None") WriteObject(writer, obj, version, include);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteColumn(Utf8JsonWriter writer, Column column)
    {
        writer.WriteStartObject();
        writer.WriteString("name", column.Name);
        writer.WriteString("type", column.Type);
        writer.WriteString("format", column.Name == "Name" ? "name" : "");
        writer.WriteString("description", column.Description);
        writer.WriteNumber("priority", column.Wide ? 1 : 0);
        writer.WriteEndObject();
    }

    private static void WriteCell(Utf8JsonWriter writer, Column column, StoredObject obj, DateTimeOffset now)
    {
        var text = column.Cell(obj, now);
        if (column.Type == "integer" && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) writer.WriteNumberValue(number);
        else writer.WriteStringValue(text);
    }

    private static void WriteObject(Utf8JsonWriter writer, StoredObject obj, string version, string include)
    {
        writer.WritePropertyName("object");
        if (include == "Object") writer.WriteRawValue(obj.Json.Span, skipInputValidation: true);
        else writer.WriteMetadataOnly(obj, version);
    }
}
