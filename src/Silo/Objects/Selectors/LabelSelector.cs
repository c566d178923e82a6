using System.Diagnostics.CodeAnalysis;
using Google.Protobuf.Collections;

namespace Orchestrator.Silo.Objects.Selectors;

/// <summary>
/// Kubernetes' label selectors: <c>a=b</c>, <c>a==b</c>, <c>a!=b</c>, <c>a in (x,y)</c>, <c>a notin (x,y)</c>, <c>a</c>, <c>!a</c>,
/// joined by commas that mean "and". As in Kubernetes, <c>!=</c> and <c>notin</c> also match objects without the label.
/// </summary>
internal sealed class LabelSelector
{
    public static readonly LabelSelector Everything = new([]);

    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelSelector(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    public bool Matches(MapField<string, string> labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels)) return false;
        }

        return true;
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out LabelSelector? selector, out string error)
    {
        var requirements = new List<Requirement>();
        foreach (var part in SplitOutsideParentheses(text))
        {
            if (Parse(part.Trim(), out error) is not { } requirement)
            {
                selector = null;
                return false;
            }

            requirements.Add(requirement);
        }

        (selector, error) = (requirements.Count == 0 ? Everything : new LabelSelector(requirements), "");
        return true;
    }

    private static Requirement? Parse(string part, out string error)
    {
        error = "";
        if (part.EndsWith(')'))
        {
            var open = part.IndexOf('(');
            var head = open < 0 ? [] : part[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (head is [var key, "in" or "notin"])
                return new Requirement(key, part[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries), head[1] == "notin", MustExist: head[1] == "in");
        }
        else if (part.IndexOf("!=", StringComparison.Ordinal) is > 0 and var not)
        {
            return new Requirement(part[..not].Trim(), [part[(not + 2)..].Trim()], Negated: true, MustExist: false);
        }
        else if (part.IndexOf('=') is > 0 and var equal)
        {
            return new Requirement(part[..equal].Trim(), [part[(equal + 1)..].TrimStart('=').Trim()], Negated: false, MustExist: true);
        }
        else if (part.Length > 0 && !part.Contains(' ') && part.IndexOfAny(['(', '=']) < 0 && part != "!")
        {
            return part[0] == '!' ? new Requirement(part[1..], null, Negated: true, MustExist: false) : new Requirement(part, null, Negated: false, MustExist: true);
        }

        error = $"unable to parse requirement '{part}': expected key=value, key!=value, key in (a,b), key notin (a,b), key or !key";
        return null;
    }

    private static IEnumerable<string> SplitOutsideParentheses(string text)
    {
        if (text.Length == 0) yield break;
        var (start, depth) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '(') depth++;
            else if (text[i] == ')') depth--;
            else if (text[i] == ',' && depth <= 0)
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    /// <summary><paramref name="Values"/> null asks for the key only.</summary>
    private sealed record Requirement(string Key, string[]? Values, bool Negated, bool MustExist)
    {
        public bool Matches(MapField<string, string> labels)
        {
            if (!labels.TryGetValue(Key, out var value)) return !MustExist;
            return Values is null ? !Negated : Values.Contains(value, StringComparer.Ordinal) != Negated;
        }
    }
}
