using System.Globalization;
using System.Text;

namespace Orchestrator.Contracts.Encoding;

/// <summary>A user's text inside a message: short, on one line, and without anything that a terminal would act on.</summary>
internal static class Quoted
{
    private const int Maximum = 80;

    /// <summary>A message that may hold a user's text: of a long one the beginning and the end.</summary>
    public static string Message(string message) => message.Length <= 3 * Maximum
        ? Bare(message, message.Length)
        : $"{Bare(message[..Maximum], Maximum)} … {Bare(message[^Maximum..], Maximum)}";

    public static string Text(string value) => $"\"{Bare(value)}\"";

    public static string Bare(string value) => Bare(value, Maximum);

    private static string Bare(string value, int maximum)
    {
        if (value.Length <= maximum && !value.AsSpan().ContainsAnyExceptInRange(' ', '~')) return value;
        var text = new StringBuilder();
        foreach (var rune in value.EnumerateRunes())
        {
            if (text.Length >= maximum) return text.Append('…').ToString();
            if (IsInvisible(rune)) text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else text.Append(rune);
        }
        return text.ToString();
    }

    /// <summary>Whether a terminal would act on the character instead of showing it.</summary>
    public static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
