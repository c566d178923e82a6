using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Orchestrator.Contracts.Encoding;

/// <summary>Times as Kubernetes writes them: RFC 3339 in UTC, to the second or (MicroTime) to the microsecond.</summary>
internal static class WireTime
{
    public const string Expected = "a time such as \"2026-01-02T03:04:05Z\" (RFC 3339)";
    public const int MaximumLength = 27;

    private const string Seconds = "yyyy'-'MM'-'dd'T'HH':'mm':'ss'Z'";
    private const string Microseconds = "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'ffffff'Z'";

    // Timestamp's own range, years 1 to 9999.
    private const long MinimumSeconds = -62135596800;
    private const long MaximumSeconds = 253402300799;

    private static readonly string[] Forms = ["yyyy'-'MM'-'dd'T'HH':'mm':'ssK", "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'FFFFFFFK"];

    public static bool TryParse(string text, out Timestamp? time)
    {
        time = null;
        // "K" alone would accept a time without a zone.
        var hasZone = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
        if (!hasZone) return false;
        if (!DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed)) return false;
        time = Timestamp.FromDateTimeOffset(parsed);
        return true;
    }

    public static bool IsValid(Timestamp time) =>
        time.Seconds is >= MinimumSeconds and <= MaximumSeconds && time.Nanos is >= 0 and < 1_000_000_000;

    /// <summary>Writes at most <see cref="MaximumLength"/> characters.</summary>
    public static int Format(Timestamp time, bool micro, Span<char> into)
    {
        var formatted = time.ToDateTime().TryFormat(into, out var length, micro ? Microseconds : Seconds, CultureInfo.InvariantCulture);
        return formatted ? length : throw new ArgumentException("The buffer is too small for a time.", nameof(into));
    }
}
