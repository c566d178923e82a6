using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Contracts.Encoding;

/// <summary>
/// One of kubectl's JSONPaths: <c>.field</c>, <c>['field']</c>, <c>[0]</c>, <c>[-1]</c>, <c>[*]</c>, <c>[?(@.field=="value")]</c>, from the root
/// <c>$</c> or <c>@</c>, which may be left out.
/// </summary>
public sealed class JsonPath
{
    private readonly List<Step> _steps = [];
    private readonly string _text;
    private int _position;

    private JsonPath(string text)
    {
        _text = text;
        if (_position < text.Length && text[_position] is '$' or '@') _position++;
        else if (text.Length > 0 && text[0] is not ('.' or '[')) ReadField();
        while (_position < text.Length) ReadStep();
    }

    private abstract record Step;

    private sealed record Field(string Name) : Step;

    private sealed record Index(int Number) : Step;

    private sealed record Every : Step;

    private sealed record Filter(JsonPath Path, string Operator, string Operand) : Step;

    /// <exception cref="FormatException">The path is malformed, or uses what isn't supported.</exception>
    public static JsonPath Parse(string text) => new(text);

    public static bool TryParse(string text, [NotNullWhen(true)] out JsonPath? path)
    {
        try
        {
            path = new JsonPath(text);
            return true;
        }
        catch (FormatException)
        {
            path = null;
            return false;
        }
    }

    /// <summary>A string as it is, anything else as JSON.</summary>
    public static string Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : node?.ToJsonString() ?? "";

    /// <summary>All that the path leads to; nothing where a field is absent.</summary>
    public IEnumerable<JsonNode?> Select(JsonNode? root) =>
        _steps.Aggregate((IEnumerable<JsonNode?>)[root], (nodes, step) => nodes.SelectMany(node => Follow(node, step)));

    private static IEnumerable<JsonNode?> Follow(JsonNode? node, Step step) => step switch
    {
        Field field when node is JsonObject map => map.TryGetPropertyValue(field.Name, out var value) ? [value] : [],
        Index index when node is JsonArray list => Element(list, index.Number),
        Every when node is JsonArray list => list,
        Every when node is JsonObject map => map.Select(entry => entry.Value),
        Filter filter when node is JsonArray list => list.Where(item => Holds(filter, item)),
        _ => [],
    };

    private static IEnumerable<JsonNode?> Element(JsonArray list, int number)
    {
        var index = number < 0 ? list.Count + number : number;
        return index >= 0 && index < list.Count ? [list[index]] : [];
    }

    private static bool Holds(Filter filter, JsonNode? item)
    {
        var values = filter.Path.Select(item).Select(Text).ToList();
        return filter.Operator switch
        {
            "" => values.Count > 0,
            "==" => values.Contains(filter.Operand),
            _ => values.Count > 0 && !values.Contains(filter.Operand),
        };
    }

    private void ReadStep()
    {
        if (_text[_position] == '.')
        {
            _position++;
            if (_position < _text.Length && _text[_position] != '[') ReadField();
            return;
        }
        if (_text[_position] != '[') throw Malformed();
        var close = _text.IndexOf(']', _position);
        if (_text.AsSpan(_position).StartsWith("[?(")) close = _text.IndexOf(")]", _position, StringComparison.Ordinal) is >= 0 and var end ? end + 1 : -1;
        if (close < 0) throw Malformed();
        _steps.Add(ParseBracket(_text[(_position + 1)..close].Trim()));
        _position = close + 1;
    }

    private void ReadField()
    {
        var name = new System.Text.StringBuilder();
        for (; _position < _text.Length && _text[_position] is not ('.' or '['); _position++)
        {
            if (_text[_position] == '\\' && _position + 1 < _text.Length) _position++;
            name.Append(_text[_position]);
        }
        if (name.Length == 0) throw Malformed();
        _steps.Add(name.Equals("*") ? new Every() : new Field(name.ToString()));
    }

    private Step ParseBracket(string inside)
    {
        if (inside == "*") return new Every();
        if (inside.Length >= 2 && inside[0] is '\'' or '"' && inside[^1] == inside[0]) return new Field(inside[1..^1]);
        if (int.TryParse(inside, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return new Index(number);
        if (!inside.StartsWith("?(", StringComparison.Ordinal) || !inside.EndsWith(')')) throw Malformed();
        var condition = inside[2..^1];
        foreach (var comparison in (string[])["==", "!="])
        {
            var at = condition.IndexOf(comparison, StringComparison.Ordinal);
            if (at > 0) return new Filter(new JsonPath(condition[..at].Trim()), comparison, condition[(at + 2)..].Trim().Trim('"', '\''));
        }
        return new Filter(new JsonPath(condition.Trim()), "", "");
    }

    private FormatException Malformed() => new($"error parsing jsonpath {{{_text}}}");
}
