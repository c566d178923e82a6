using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Tables;

/// <summary>A column of a kind's table. <paramref name="Wide"/> columns show with <c>-o wide</c> only.</summary>
internal sealed record Column(string Name, string Type, Func<StoredObject, DateTimeOffset, string> Cell, bool Wide = false, string Description = "");

/// <summary>How objects of a kind look as rows.</summary>
internal sealed record TableLayout(IReadOnlyList<Column> Columns)
{
    public static readonly Column Name = new("Name", "string", (obj, _) => obj.Key.Name);

    public static readonly Column Age = new("Age", "string", (obj, now) => Ages.Since(obj.Metadata.CreationTimestamp, now));

    public static readonly TableLayout Plain = new([Name, Age]);

    public IEnumerable<string> Row(StoredObject obj, DateTimeOffset now) => Columns.Select(column => column.Cell(obj, now));

    public static string OrNone(string text) => text.Length == 0 ? "<none>" : text;
}
