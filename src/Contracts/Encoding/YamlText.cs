using System.Buffers;
using System.Globalization;
using System.Text;
using Orchestrator.Contracts.Encoding.Tree;

namespace Orchestrator.Contracts.Encoding;

/// <summary>
/// Strings as YAML: plain where every reader takes them for strings, quoted where one of YAML 1.1 or 1.2 would see
/// something else, as a literal block where they have lines.
/// </summary>
internal static class YamlText
{
    private const string Indicators = "-?:,[]{}#&*!|>'\"%@`";

    private static readonly string[] Separators = [": ", " #", " *"];
    private static readonly string[] Words = ["Y", "N", "YES", "NO", "ON", "OFF", "TRUE", "FALSE", "NULL", "=", "<<"];

    private static readonly SearchValues<char> SexagesimalCharacters = SearchValues.Create("0123456789_:.");
    private static readonly SearchValues<char> DateCharacters = SearchValues.Create("0123456789-:.+TtZz \t");

    /// <summary>A mapping's key, always on one line.</summary>
    public static string Key(string name)
    {
        var text = new StringBuilder();
        // Longer keys would need the "? " form; a quoted key may be at most 1024 characters long, which none of ours is.
        if (IsPlain(name)) text.Append(name);
        else AppendQuoted(text, name);
        return text.ToString();
    }

    /// <summary>The value with its line break; the lines of a block stand at the indent.</summary>
    public static void AppendString(StringBuilder text, string value, int indent)
    {
        if (IsPlain(value)) text.Append(value).Append('\n');
        else if (IsLiteral(value)) AppendLiteral(text, value, indent);
        else AppendQuoted(text, value).Append('\n');
    }

    private static bool IsPlain(string value)
    {
        if (value.Length == 0 || char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[^1])) return false;
        if (Indicators.Contains(value[0]) && !IsPlainDash(value)) return false;
        // Our own reader takes the colon after "x *y" for a part of the word.
        if (value[^1] == ':' || Separators.Any(separator => value.Contains(separator, StringComparison.Ordinal))) return false;
        foreach (var rune in value.EnumerateRunes())
        {
            if (!IsPrintable(rune)) return false;
        }
        return YamlScalar.KindOf(value) == ValueKind.String && !LooksTyped(value) && !value.StartsWith("---", StringComparison.Ordinal)
            && !value.StartsWith("...", StringComparison.Ordinal);
    }

    // "--flag" and ":80" are plain; "-" and "- x" are not.
    private static bool IsPlainDash(string value) => value[0] is '-' or '?' or ':' && value.Length > 1 && !char.IsWhiteSpace(value[1]);

    /// <summary>YAML 1.1, which many tools still read, knows more booleans, numbers and dates than YAML 1.2.</summary>
    private static bool LooksTyped(string value)
    {
        if (Words.Contains(value, StringComparer.OrdinalIgnoreCase)) return true;
        var digits = value[0] is '-' or '+' ? value.AsSpan(1) : value;
        if (digits.IsEmpty || !(char.IsAsciiDigit(digits[0]) || digits[0] == '.')) return false;
        if (YamlScalar.KindOf(value.Replace("_", "", StringComparison.Ordinal)) == ValueKind.Number) return true;
        var isBinary = digits.StartsWith("0b") && !digits[2..].ContainsAnyExcept('0', '1', '_');
        var isSexagesimal = digits.Contains(':') && !digits.ContainsAnyExcept(SexagesimalCharacters);
        var isDate = digits.Length > 7 && digits[4] == '-' && !digits.ContainsAnyExcept(DateCharacters);
        return isBinary || isSexagesimal || isDate;
    }

    private static bool IsPrintable(Rune rune) =>
        rune.Value is >= 0x20 and <= 0x7E || (rune.Value >= 0xA0 && rune.Value != 0xFEFF && Rune.GetUnicodeCategory(rune) is not
            (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned));

    /// <summary>Whether a literal block gives exactly this text back.</summary>
    private static bool IsLiteral(string value)
    {
        if (!value.Contains('\n') || value[0] is ' ' or '\n' or '\t') return false;
        foreach (var line in value.AsSpan().Split('\n'))
        {
            var text = value.AsSpan()[line];
            if (!text.IsEmpty && text[^1] is ' ' or '\t') return false;
        }
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.Value is not ('\n' or '\t') && !IsPrintable(rune)) return false;
        }
        return true;
    }

    private static void AppendLiteral(StringBuilder text, string value, int indent)
    {
        var body = value.TrimEnd('\n');
        // One line break at the end is the default, none is "-", several are "+".
        text.Append((value.Length - body.Length) switch { 0 => "|-", 1 => "|", _ => "|+" }).Append('\n');
        foreach (var line in body.Split('\n'))
        {
            if (line.Length > 0) text.Append(' ', indent).Append(line);
            text.Append('\n');
        }
        if (value.Length - body.Length > 1) text.Append('\n', value.Length - body.Length - 1);
    }

    private static StringBuilder AppendQuoted(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var rune in value.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                _ when IsPrintable(rune) => text.Append(rune),
                <= 0xFF => text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:X2}"),
                <= 0xFFFF => text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}"),
            };
        }
        return text.Append('"');
    }
}
