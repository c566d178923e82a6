using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Contracts.Structural;

/// <summary>
/// The patterns of schemas, which are written for RE2: no look-around, no back-references, classes of ASCII, and <c>$</c> is the very
/// end. They run in linear time, whoever has written them.
/// </summary>
internal sealed class SchemaPattern
{
    private static readonly Dictionary<char, string> Classes = new() { ['d'] = "0-9", ['w'] = "0-9A-Za-z_", ['s'] = @"\t\n\f\r " };

    private readonly string _text;
    private readonly Regex _regex;

    private SchemaPattern(string text)
    {
        _text = text;
        _regex = new Regex(Translate(text), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out SchemaPattern? pattern, out string problem)
    {
        try
        {
            (pattern, problem) = (new SchemaPattern(text), "");
            return true;
        }
        catch (Exception unfit) when (unfit is ArgumentException or NotSupportedException)
        {
            (pattern, problem) = (null, unfit.Message);
            return false;
        }
    }

    public bool Fits(string value) => _regex.IsMatch(value);

    public override string ToString() => _text;

    private static string Translate(string pattern)
    {
        var text = new StringBuilder();
        var inClass = false;
        for (var at = 0; at < pattern.Length; at++)
        {
            var letter = pattern[at];
            if (letter == '\\' && at + 1 < pattern.Length)
            {
                var escaped = pattern[++at];
                if (Classes.TryGetValue(escaped, out var ascii)) text.Append(inClass ? ascii : $"[{ascii}]");
                else if (!inClass && Classes.TryGetValue(char.ToLowerInvariant(escaped), out ascii)) text.Append($"[^{ascii}]");
                else text.Append(letter).Append(escaped);
                continue;
            }

            if (letter == '[' && !inClass) inClass = true;
            else if (letter == ']' && inClass) inClass = false;
            if (letter == '$' && !inClass) text.Append(@"\z");
            else if (letter == '(' && !inClass && string.CompareOrdinal(pattern, at, "(?P<", 0, 4) == 0) (text, at) = (text.Append("(?<"), at + 3);
            else text.Append(letter);
        }

        return text.ToString();
    }
}
