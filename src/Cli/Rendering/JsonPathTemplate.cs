using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding;

namespace Orchestrator.Cli.Rendering;

/// <summary>
/// kubectl's JSONPath templates: text, and in braces a path of <c>.field</c>, <c>['field']</c>, <c>[0]</c>, <c>[-1]</c>, <c>[*]</c>,
/// <c>[?(@.field=="value")]</c>, or a quoted text such as <c>{"\n"}</c>; <c>{range PATH}…{end}</c> repeats.
/// </summary>
internal sealed class JsonPathTemplate
{
    private readonly List<Part> _parts;

    private JsonPathTemplate(List<Part> parts) => _parts = parts;

    private abstract record Part;

    private sealed record Literal(string Text) : Part;

    private sealed record Value(JsonPath Path) : Part;

    private sealed record Range(JsonPath Path, List<Part> Body) : Part;

    /// <exception cref="CommandException">The template is malformed.</exception>
    public static JsonPathTemplate Parse(string text)
    {
        var position = 0;
        var parts = ParseParts(text, ref position, inRange: false);
        return new JsonPathTemplate(parts);
    }

    public string Evaluate(JsonNode? root)
    {
        var output = new StringBuilder();
        Write(_parts, root, output);
        return output.ToString();
    }

    private static void Write(List<Part> parts, JsonNode? node, StringBuilder output)
    {
        foreach (var part in parts)
        {
            switch (part)
            {
                case Literal literal:
                    output.Append(literal.Text);
                    break;
                case Value value:
                    output.AppendJoin(' ', value.Path.Select(node).Select(JsonPath.Text));
                    break;
                case Range range:
                    foreach (var item in range.Path.Select(node)) Write(range.Body, item, output);
                    break;
            }
        }
    }

    /// <summary>A path that a user has written.</summary>
    /// <exception cref="CommandException">It is malformed.</exception>
    public static JsonPath ParsePath(string text)
    {
        try
        {
            return JsonPath.Parse(text);
        }
        catch (FormatException malformed)
        {
            throw new CommandException(malformed.Message);
        }
    }

    private static List<Part> ParseParts(string text, ref int position, bool inRange)
    {
        var parts = new List<Part>();
        while (position < text.Length)
        {
            var open = text.IndexOf('{', position);
            var literal = text[position..(open < 0 ? text.Length : open)];
            if (literal.Length > 0) parts.Add(new Literal(literal));
            position = text.Length;
            if (open < 0) break;
            var close = CloseOf(text, open);
            var inside = text[(open + 1)..close].Trim();
            position = close + 1;
            if (inside == "end")
                return inRange ? parts : throw new CommandException($"error parsing jsonpath {text}, not in range, nothing to end");
            parts.Add(ParsePart(text, inside, ref position));
        }
        return inRange ? throw new CommandException($"error parsing jsonpath {text}, unclosed range") : parts;
    }

    private static Part ParsePart(string text, string inside, ref int position)
    {
        if (inside.Length >= 2 && inside[0] is '"' or '\'' && inside[^1] == inside[0])
            return new Literal(inside[1..^1].Replace("\\n", "\n").Replace("\\t", "\t").Replace("\\\"", "\""));
        if (inside.StartsWith("range ", StringComparison.Ordinal))
        {
            var path = ParsePath(inside["range ".Length..].Trim());
            return new Range(path, ParseParts(text, ref position, inRange: true));
        }
        return new Value(ParsePath(inside));
    }

    private static int CloseOf(string text, int open)
    {
        var quote = '\0';
        for (var i = open + 1; i < text.Length; i++)
        {
            if (quote != '\0') quote = text[i] == quote ? '\0' : quote;
            else if (text[i] is '"' or '\'') quote = text[i];
            else if (text[i] == '}') return i;
        }
        throw new CommandException($"error parsing jsonpath {text}, unclosed action");
    }
}
