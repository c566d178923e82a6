using System.Text;

namespace Orchestrator.Cli.Rendering;

/// <summary>
/// kubectl's tables: cells padded to the widest of their column and three blanks more, at least six wide in all,
/// the last one not padded. Widths only grow, so that the rows of a watch stay in line with those before.
/// </summary>
internal sealed class TablePrinter(TextWriter output)
{
    private const int Padding = 3;
    private const int MinimumWidth = 6;
    private readonly List<int> _widths = [];

    public void Print(IReadOnlyCollection<IReadOnlyList<string>> rows)
    {
        foreach (var row in rows) Measure(row);
        foreach (var row in rows) Write(row);
    }

    private void Measure(IReadOnlyList<string> row)
    {
        for (var i = 0; i < row.Count - 1; i++)
        {
            var width = Math.Max(MinimumWidth, CellWidth(row[i]) + Padding);
            if (i == _widths.Count) _widths.Add(width);
            else _widths[i] = Math.Max(_widths[i], width);
        }
    }

    private void Write(IReadOnlyList<string> row)
    {
        for (var i = 0; i < row.Count; i++)
        {
            var cell = OneLine(row[i]);
            output.Write(cell);
            if (i < row.Count - 1) output.Write(new string(' ', _widths[i] - CellWidth(cell)));
        }
        output.Write('\n');
    }

    private static int CellWidth(string cell)
    {
        var width = 0;
        foreach (var _ in cell.EnumerateRunes()) width++;
        return width;
    }

    /// <summary>A cell never breaks its row, nor sends a terminal anything but text.</summary>
    private static string OneLine(string cell)
    {
        if (!cell.AsSpan().ContainsAnyInRange('\0', '\x1f') && !cell.Contains('\x7f')) return cell;
        var text = new StringBuilder(cell.Length);
        foreach (var c in cell) text.Append(char.IsControl(c) ? ' ' : c);
        return text.ToString().TrimEnd();
    }
}
