using System.Buffers;
using System.Globalization;

namespace Orchestrator.Cli.Arguments;

/// <summary>Durations as Go and kubectl write them: <c>1h30m</c>, <c>10s</c>, <c>250ms</c>; a bare number is seconds.</summary>
internal static class Duration
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("h", 3600), ("m", 60), ("s", 1)];

    /// <exception cref="CommandException">The text is no duration.</exception>
    public static TimeSpan Parse(string text, string option)
    {
        if (TryParse(text, out var duration)) return duration;
        throw new CommandException($"invalid argument \"{text}\" for \"{option}\" flag: not a duration such as 10s, 5m or 1h30m");
    }

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative) rest = rest[1..];
        if (rest.IsEmpty) return false;
        double seconds = 0;
        if (!TryNumber(rest, out seconds))
        {
            seconds = 0;
            while (!rest.IsEmpty)
            {
                if (!TakePart(ref rest, out var part)) return false;
                seconds += part;
            }
        }
        if (!double.IsFinite(seconds) || seconds > TimeSpan.MaxValue.TotalSeconds / 2) return false;
        duration = TimeSpan.FromSeconds(negative ? -seconds : seconds);
        return true;
    }

    private static bool TakePart(ref ReadOnlySpan<char> rest, out double seconds)
    {
        seconds = 0;
        var digits = rest.IndexOfAnyExcept(NumberCharacters);
        if (digits <= 0 || !TryNumber(rest[..digits], out var number)) return false;
        rest = rest[digits..];
        foreach (var (unit, factor) in Units)
        {
            if (!rest.StartsWith(unit)) continue;
            rest = rest[unit.Length..];
            seconds = number * factor;
            return true;
        }
        return false;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
}
