using System.Globalization;

namespace Orchestrator.Cli.Rendering;

/// <summary>How long ago, as kubectl writes it: two units where one would be coarse (<c>5m10s</c>, <c>3h</c>, <c>2d4h</c>).</summary>
internal static class Age
{
    public static string Of(TimeSpan age)
    {
        if (age < TimeSpan.FromSeconds(-1)) return "<invalid>";
        if (age < TimeSpan.Zero) return "0s";
        var (seconds, minutes, hours, days) = ((long)age.TotalSeconds, (long)age.TotalMinutes, (long)age.TotalHours, (long)age.TotalDays);
        var years = days / 365;
        return (seconds, minutes, hours, days) switch
        {
            ( < 120, _, _, _) => $"{seconds}s",
            (_, < 10, _, _) => Two(minutes, "m", seconds % 60, "s"),
            (_, < 180, _, _) => $"{minutes}m",
            (_, _, < 8, _) => Two(hours, "h", minutes % 60, "m"),
            (_, _, < 48, _) => $"{hours}h",
            (_, _, _, < 8) => Two(days, "d", hours % 24, "h"),
            (_, _, _, < 730) => $"{days}d",
            (_, _, _, < 2920) => Two(years, "y", days % 365, "d"),
            _ => $"{years}y",
        };
    }

    /// <summary><c>&lt;unknown&gt;</c> for a timestamp that is absent or malformed.</summary>
    public static string Since(string? timestamp, TimeProvider time) => TryParse(timestamp, out var moment)
        ? Of(time.GetUtcNow() - moment)
        : "<unknown>";

    public static bool TryParse(string? timestamp, out DateTimeOffset moment) =>
        DateTimeOffset.TryParse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out moment);

    private static string Two(long first, string firstUnit, long second, string secondUnit) =>
        second == 0 ? $"{first}{firstUnit}" : $"{first}{firstUnit}{second}{secondUnit}";
}
