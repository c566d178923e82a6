using Orchestrator.Api.V1;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Rendering;

/// <summary>What a table of objects shows beside the server's columns.</summary>
internal sealed record TableStyle
{
    /// <summary>Also the columns of a priority above 0.</summary>
    public bool Wide { get; init; }

    public bool Headers { get; init; } = true;
    public bool NamespaceColumn { get; init; }

    /// <summary>Names as <c>pod/web</c>, where a table of another kind follows.</summary>
    public bool KindPrefix { get; init; }

    public bool AllLabels { get; init; }
    public IReadOnlyList<string> LabelColumns { get; init; } = [];
    public bool NeedsLabels => AllLabels || LabelColumns.Count > 0;
}

/// <summary>The server's rows, one table a kind with a blank line between.</summary>
internal sealed class ObjectTablePrinter(TextWriter output, TableStyle style, ObjectLabels labels) : ObjectPrinter
{
    private TablePrinter? _table;
    private KindInfo? _kind;

    public override async Task PrintAsync(IReadOnlyList<ObjectBatch> found)
    {
        foreach (var group in found.Where(batch => batch.Items.Count > 0).GroupBy(batch => batch.Kind))
        {
            var columns = group.First().Columns;
            var visible = Enumerable.Range(0, columns.Count).Where(i => style.Wide || columns[i].Priority == 0).ToList();
            var rows = new List<IReadOnlyList<string>>();
            if (_kind != group.Key)
            {
                if (_kind is not null) await output.WriteLineAsync();
                (_table, _kind) = (new TablePrinter(output), group.Key);
                if (style.Headers) rows.Add(Header(columns, visible));
            }
            foreach (var item in group.SelectMany(batch => batch.Items)) rows.Add(await RowAsync(group.Key, item, visible));
            _table!.Print(rows);
        }
    }

    private List<string> Header(IReadOnlyList<TableColumn> columns, List<int> visible)
    {
        var cells = new List<string>();
        if (style.NamespaceColumn) cells.Add("NAMESPACE");
        if (visible.Count == 0) cells.Add("NAME");
        cells.AddRange(visible.Select(i => columns[i].Name.ToUpperInvariant()));
        cells.AddRange(style.LabelColumns.Select(key => key[(key.LastIndexOf('/') + 1)..].ToUpperInvariant()));
        if (style.AllLabels) cells.Add("LABELS");
        return cells;
    }

    private async Task<List<string>> RowAsync(KindInfo kind, Api.V1.Object item, List<int> visible)
    {
        var cells = new List<string>();
        if (style.NamespaceColumn) cells.Add(item.Namespace);
        var name = cells.Count;
        if (visible.Count == 0) cells.Add(item.Name);
        cells.AddRange(visible.Select(i => i < item.Row.Cells.Count ? item.Row.Cells[i] : ""));
        if (style.KindPrefix) cells[name] = $"{kind.Display()}/{cells[name]}";
        if (!style.NeedsLabels) return cells;
        var present = await labels.OfAsync(kind, item);
        cells.AddRange(style.LabelColumns.Select(key => present?[key]?.ToString() ?? ""));
        if (style.AllLabels) cells.Add(ObjectLabels.Text(present));
        return cells;
    }
}
