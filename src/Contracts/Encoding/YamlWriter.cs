using System.Text;
using Orchestrator.Contracts.Encoding.Tree;

namespace Orchestrator.Contracts.Encoding;

/// <summary>Writes a tree as block-style YAML; lists are not indented below their key.</summary>
internal sealed class YamlWriter
{
    private const int IndentSize = 2;

    private readonly StringBuilder _text;

    public YamlWriter(StringBuilder text) => _text = text;

    public void WriteDocument(ValueNode root)
    {
        if (IsInline(root)) WriteInline(root, 0);
        else WriteBlock(root, 0);
    }

    /// <summary>The value's lines; the first one continues the current line, which is at the indent.</summary>
    private void WriteBlock(ValueNode node, int indent)
    {
        var first = true;
        foreach (var (name, _, value) in node.Members)
        {
            StartLine(ref first, indent);
            _text.Append(YamlText.Key(name)).Append(':');
            WriteMember(value, indent);
        }
        foreach (var item in node.Items)
        {
            StartLine(ref first, indent);
            _text.Append("- ");
            if (IsInline(item)) WriteInline(item, indent);
            else WriteBlock(item, indent + IndentSize);
        }
    }

    private void WriteMember(ValueNode value, int indent)
    {
        if (IsInline(value))
        {
            _text.Append(' ');
            WriteInline(value, indent);
            return;
        }
        var inner = value.Kind == ValueKind.List ? indent : indent + IndentSize;
        _text.Append('\n').Append(' ', inner);
        WriteBlock(value, inner);
    }

    /// <summary>Writes what starts on the current line, and ends the line.</summary>
    private void WriteInline(ValueNode value, int indent)
    {
        switch (value.Kind)
        {
            case ValueKind.List:
                _text.Append("[]\n");
                break;
            case ValueKind.Object:
                _text.Append("{}\n");
                break;
            case ValueKind.String:
                YamlText.AppendString(_text, value.Text, indent + IndentSize);
                break;
            default:
                _text.Append(value.Text).Append('\n');
                break;
        }
    }

    private static bool IsInline(ValueNode node) => node.Members.Count == 0 && node.Items.Count == 0;

    private void StartLine(ref bool first, int indent)
    {
        if (!first) _text.Append(' ', indent);
        first = false;
    }
}
