using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Rendering.Describing;

/// <summary>
/// The text of <c>describe</c>: labels and values, indented two blanks a level. Values of lines that follow each other
/// are in line, as in kubectl; a heading or a table begins a new block.
/// </summary>
internal sealed class Description
{
    public const string None = "<none>";
    private const int Padding = 2;
    private readonly StringBuilder _text = new();
    private readonly List<(string Label, string Value)> _block = [];

    public void Field(int level, string label, string value) => _block.Add(($"{Indent(level)}{label}:", value));

    /// <summary>Left out if there is no value.</summary>
    public void OptionalField(int level, string label, string value)
    {
        if (value.Length > 0) Field(level, label, value);
    }

    /// <summary>One line a value, the first with the label; <c>&lt;none&gt;</c> without values.</summary>
    public void Lines(int level, string label, IEnumerable<string> values)
    {
        var prefix = $"{Indent(level)}{label}:";
        foreach (var value in values.DefaultIfEmpty(None))
        {
            _block.Add((prefix, value));
            prefix = "";
        }
    }

    public void Map(int level, string label, JsonNode? node, string separator = "=") =>
        Lines(level, label, node.Entries().Select(entry => $"{entry.Key}{separator}{entry.Value}"));

    public void Heading(int level, string label)
    {
        EndBlock();
        _text.Append(Indent(level)).Append(label).Append(":\n");
    }

    public void Table(int level, IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        EndBlock();
        var rule = header.Select(title => new string('-', title.Length)).ToList();
        IReadOnlyList<IReadOnlyList<string>> all = [header, rule, .. rows];
        var widths = header.Select((_, i) => all.Max(row => row[i].Length)).ToList();
        foreach (var row in all)
        {
            var line = string.Concat(row.Select((cell, i) => i == row.Count - 1 ? cell : cell.PadRight(widths[i] + Padding)));
            _text.Append(Indent(level)).Append(line.TrimEnd()).Append('\n');
        }
    }

    public override string ToString()
    {
        EndBlock();
        return _text.ToString();
    }

    private void EndBlock()
    {
        var width = _block.Count == 0 ? 0 : _block.Max(line => line.Label.Length) + Padding;
        foreach (var (label, value) in _block)
        {
            var lines = value.TrimEnd('\n').Split('\n');
            _text.Append((label.PadRight(width) + lines[0]).TrimEnd()).Append('\n');
            foreach (var more in lines.Skip(1)) _text.Append(' ', width).Append(more).Append('\n');
        }
        _block.Clear();
    }

    private static string Indent(int level) => new(' ', level * 2);
}
