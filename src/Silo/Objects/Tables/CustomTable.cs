using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.ApiExtensionsV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Tables;

/// <summary>The table that a definition asks for: the name, and a column for each of its paths.</summary>
internal static class CustomTable
{
    private static readonly ConditionalWeakTable<Kind, TableLayout> Made = [];

    public static TableLayout Of(Kind kind) => Made.GetValue(kind, some =>
        some.Custom!.Columns.Count == 0 ? TableLayout.Plain : new TableLayout([TableLayout.Name, .. some.Custom.Columns.Select(ColumnOf)]));

    private static Column ColumnOf(CustomResourceColumnDefinition column)
    {
        // A definition whose paths can't be read isn't stored.
        var path = JsonPath.Parse(column.JsonPath);
        return new Column(
            column.Name, column.Type == "date" ? "string" : column.Type, (obj, now) => Cell(obj, path, column.Type == "date", now), column.Priority > 0, column.Description);
    }

    /// <summary>Of several values the first; a time as what has passed since.</summary>
    private static string Cell(StoredObject obj, JsonPath path, bool date, DateTimeOffset now)
    {
        var value = path.Select(JsonNode.Parse(obj.Json.Span)).FirstOrDefault();
        if (value is null) return "";
        var text = value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
        if (!date) return text;
        return DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var time) ? Ages.Text(now - time) : "<invalid>";
    }
}
