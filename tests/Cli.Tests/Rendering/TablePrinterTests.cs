using CsCheck;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Tests.Rendering;

public sealed class TablePrinterTests
{
    [Fact]
    public void Columns_are_as_wide_as_kubectl_makes_them()
    {
        var text = Print([["NAME", "READY", "AGE"], ["web-longer", "1/1", "5m"], ["a", "0/1", "10d"]]);
        Assert.Equal("NAME         READY   AGE\nweb-longer   1/1     5m\na            0/1     10d\n", text);
    }

    [Fact]
    public void Without_a_head_a_column_is_six_wide_at_least() => Assert.Equal("a     b\n", Print([["a", "b"]]));

    [Fact]
    public void Later_rows_keep_in_line_with_earlier_ones()
    {
        var output = new StringWriter { NewLine = "\n" };
        var table = new TablePrinter(output);
        table.Print([["a-long-name", "x"]]);
        table.Print([["b", "y"]]);
        Assert.Equal("a-long-name   x\nb             y\n", output.ToString());
    }

    [Fact]
    public void A_cell_can_neither_break_a_row_nor_command_a_terminal() =>
        Assert.Equal("a [31mb   c d\n", Print([["a\u001b[31mb", "c\nd"]]));

    [Fact]
    public void Every_column_begins_at_one_place() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 6]).SelectMany((columns, rows) =>
            Gen.String[Gen.Char.AlphaNumeric, 1, 12].Array[columns].Array[rows]).Holds(rows =>
        {
            var lines = Print(rows).TrimEnd('\n').Split('\n');
            for (var column = 0; column < rows[0].Length; column++)
            {
                var start = rows.Length == 0 ? 0 : Enumerable.Range(0, column).Sum(i => Math.Max(6, rows.Max(row => row[i].Length) + 3));
                for (var i = 0; i < rows.Length; i++)
                    if (string.CompareOrdinal(lines[i], start, rows[i][column], 0, rows[i][column].Length) != 0) return false;
            }
            return true;
        });

    private static string Print(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var output = new StringWriter { NewLine = "\n" };
        new TablePrinter(output).Print(rows.ToArray());
        return output.ToString();
    }
}
