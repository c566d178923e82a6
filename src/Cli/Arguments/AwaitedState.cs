using System.Text.Json.Nodes;
using Orchestrator.Cli.Rendering;
using Orchestrator.Contracts.Encoding;

namespace Orchestrator.Cli.Arguments;

/// <summary>The value of <c>wait --for</c>.</summary>
internal sealed class AwaitedState
{
    private readonly JsonPath? _path;
    private readonly string? _value;

    private AwaitedState(JsonPath? path, string? value) => (_path, _value) = (path, value);

    public bool Deleted { get; private init; }

    /// <summary>False where an object that isn't there yet is waited for, or one that goes.</summary>
    public bool NeedsPresence => _path is not null;

    /// <exception cref="CommandException">There is no such state.</exception>
    public static AwaitedState Parse(string? text)
    {
        const string Condition = "condition=";
        const string Path = "jsonpath=";
        if (text is null or "") throw new CommandException("--for is needed: condition=TYPE, delete, create or jsonpath='{PATH}'=VALUE");
        if (text.Equals("delete", StringComparison.OrdinalIgnoreCase)) return new AwaitedState(null, null) { Deleted = true };
        if (text.Equals("create", StringComparison.OrdinalIgnoreCase)) return new AwaitedState(null, null);
        if (text.StartsWith(Condition, StringComparison.Ordinal)) return ParseCondition(text[Condition.Length..]);
        if (text.StartsWith(Path, StringComparison.Ordinal)) return ParsePath(text[Path.Length..]);
        throw new CommandException($"unrecognized condition: \"{text}\"");
    }

    /// <summary>Whether an object that is there is in the state.</summary>
    public bool Holds(JsonNode? one)
    {
        if (Deleted) return false;
        if (_path is null) return true;
        var found = _path.Select(one).Select(JsonPath.Text).ToList();
        return _value is null ? found.Any(value => value.Length > 0) : found.Any(value => Same(value, _value));
    }

    private static AwaitedState ParseCondition(string text)
    {
        var parts = text.Split('=', 2);
        if (parts[0].Length == 0) throw new CommandException("condition=TYPE needs a type");
        return new AwaitedState(ConditionPath(parts[0]), parts.Length == 2 ? parts[1] : "True");
    }

    private static JsonPath ConditionPath(string type) => type.Contains('"')
        ? throw new CommandException($"\"{type}\" is no condition type")
        : JsonPathTemplate.ParsePath($".status.conditions[?(@.type==\"{type}\")].status");

    private static AwaitedState ParsePath(string text)
    {
        var close = text.LastIndexOf('}');
        var (path, rest) = close < 0 ? SplitAtEquals(text) : (text[..(close + 1)], text[(close + 1)..]);
        if (rest.Length > 0 && rest[0] != '=') throw new CommandException($"jsonpath wait format must be --for=jsonpath='{{.status.readyReplicas}}'=3: \"{text}\"");
        return new AwaitedState(JsonPathTemplate.ParsePath(path.Trim('{', '}')), rest.Length > 0 ? rest[1..] : null);
    }

    private static (string, string) SplitAtEquals(string text) => text.IndexOf('=') is >= 0 and var at ? (text[..at], text[at..]) : (text, "");

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
