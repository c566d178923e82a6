using System.Text.Json;

namespace Orchestrator.Contracts.Encoding.Tree;

/// <summary>Reads JSON text, one value or several after one another, into trees with positions.</summary>
internal ref struct JsonTree
{
    private Utf8JsonReader _reader;
    private readonly ReadOnlySpan<byte> _text;
    private int _line = 1;
    private int _column = 1;
    private int _scanned;

    private JsonTree(ReadOnlySpan<byte> utf8)
    {
        _text = utf8;
        // Our own limit answers first: the reader's message names no way out.
        _reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = TreeLimits.Depth + 1, AllowMultipleValues = true });
    }

    /// <summary>Appends the values to <paramref name="into"/>; on malformed text the values before it stay.</summary>
    /// <exception cref="MalformedTextException">The text is not JSON, or nested too deep.</exception>
    public static void Read(ReadOnlySpan<byte> utf8, List<ValueNode> into)
    {
        var tree = new JsonTree(utf8);
        try
        {
            while (tree._reader.Read()) into.Add(tree.ReadValue(1));
        }
        catch (JsonException malformed)
        {
            throw tree.Malformed(malformed);
        }
    }

    private ValueNode ReadValue(int depth)
    {
        var position = Here();
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                RefuseDepth(depth, position);
                return ReadObject(position, depth);
            case JsonTokenType.StartArray:
                RefuseDepth(depth, position);
                var items = new List<ValueNode>();
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray) items.Add(ReadValue(depth + 1));
                return ValueNode.List(items, position);
            case JsonTokenType.String:
                return ValueNode.Scalar(ValueKind.String, ReadString(position), position);
            case JsonTokenType.Number:
                return ValueNode.Scalar(ValueKind.Number, System.Text.Encoding.ASCII.GetString(_reader.ValueSpan), position);
            case JsonTokenType.True:
                return ValueNode.Scalar(ValueKind.Boolean, "true", position);
            case JsonTokenType.False:
                return ValueNode.Scalar(ValueKind.Boolean, "false", position);
            default:
                return ValueNode.Scalar(ValueKind.Null, "null", position);
        }
    }

    private ValueNode ReadObject(TextPosition position, int depth)
    {
        var members = new List<Member>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var namePosition = Here();
            var name = ReadString(namePosition);
            _reader.Read();
            members.Add(new Member(name, namePosition, ReadValue(depth + 1)));
        }
        return ValueNode.Object(members, position);
    }

    private readonly string ReadString(TextPosition position)
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // The reader's answer to half a surrogate pair, such as "\ud800".
            throw MalformedTextException.HalfSurrogate(position);
        }
    }

    private static void RefuseDepth(int depth, TextPosition position)
    {
        if (depth > TreeLimits.Depth) throw new MalformedTextException(TreeLimits.TooDeep, position);
    }

    // Counts on from the last token, so that one long line costs no more than many short ones.
    private TextPosition Here()
    {
        var passed = _text[_scanned..(int)_reader.TokenStartIndex];
        _scanned += passed.Length;
        for (var newline = passed.IndexOf((byte)'\n'); newline >= 0; newline = passed.IndexOf((byte)'\n'))
        {
            (_line, _column) = (_line + 1, 1);
            passed = passed[(newline + 1)..];
        }
        _column += Characters(passed);
        return new TextPosition(_line, _column);
    }

    private readonly MalformedTextException Malformed(JsonException malformed)
    {
        var line = (int)(malformed.LineNumber ?? 0);
        var start = 0;
        for (var skipped = 0; skipped < line; skipped++) start += _text[start..].IndexOf((byte)'\n') + 1;
        var end = Math.Min(_text.Length, start + (int)(malformed.BytePositionInLine ?? 0));
        var message = malformed.Message;
        var where = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var position = new TextPosition(line + 1, Characters(_text[start..end]) + 1);
        return new MalformedTextException($"is not valid JSON: {(where < 0 ? message : message[..where])}", position);
    }

    private static int Characters(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var unit in utf8)
        {
            if ((unit & 0xC0) != 0x80) count++;
        }
        return count;
    }
}
