using Google.Protobuf.WellKnownTypes;

namespace Orchestrator.Silo.Objects.Tables;

/// <summary>Durations as kubectl writes them: at most two units, coarser with age (<c>45s</c>, <c>3m12s</c>, <c>5h7m</c>, <c>12d</c>, <c>2y30d</c>).</summary>
internal static class Ages
{
    public static string Since(Timestamp? time, DateTimeOffset now) => time is null ? "<unknown>" : Text(now - time.ToDateTimeOffset());

    public static string Text(TimeSpan age)
    {
        var seconds = Math.Max(0, (long)age.TotalSeconds);
        var (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
        return seconds switch
        {
            < 120 => $"{seconds}s",
            < 600 => Two(minutes, "m", seconds % 60, "s"),
            < 3 * 3600 => $"{minutes}m",
            < 8 * 3600 => Two(hours, "h", minutes % 60, "m"),
            < 48 * 3600 => $"{hours}h",
            < 192 * 3600 => Two(days, "d", hours % 24, "h"),
            < 2 * 365 * 86400L => $"{days}d",
            < 8 * 365 * 86400L => Two(days / 365, "y", days % 365, "d"),
            _ => $"{days / 365}y",
        };
    }

    private static string Two(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? $"{large}{largeUnit}" : $"{large}{largeUnit}{small}{smallUnit}";
}
