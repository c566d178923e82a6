using System.Globalization;

namespace Orchestrator.NodeAgent.Logs;

/// <summary>
/// One entry of a CRI log file: <c>TIME STREAM TAG TEXT</c>, where the tag P says that the line goes on in the next
/// entry and F that it is full. The text ends with a line feed only if it is full.
/// </summary>
internal readonly ref struct LogLine
{
    public ReadOnlySpan<byte> Time { get; private init; }
    public bool IsError { get; private init; }
    public bool IsPartial { get; private init; }
    public ReadOnlySpan<byte> Text { get; private init; }

    /// <summary>Takes one line with its line feed. False if it isn't such an entry (a torn write, a foreign file).</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out LogLine entry)
    {
        entry = default;
        var first = line.IndexOf((byte)' ');
        var second = first < 0 ? -1 : After(line, first);
        var third = second < 0 ? -1 : After(line, second);
        if (third < 0) return false;
        var stream = line[(first + 1)..second];
        var tag = line[(second + 1)..third];
        var text = line[(third + 1)..];
        if (tag.IsEmpty || (!stream.SequenceEqual("stdout"u8) && !stream.SequenceEqual("stderr"u8))) return false;
        var partial = tag[0] == (byte)'P';
        entry = new LogLine
        {
            Time = line[..first],
            IsError = stream[3] == (byte)'e',
            IsPartial = partial,
            Text = partial && text.EndsWith("\n"u8) ? text[..^1] : text,
        };
        return true;
    }

    public bool IsAtOrAfter(DateTimeOffset since)
        => !DateTimeOffset.TryParse(
            System.Text.Encoding.ASCII.GetString(Time), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) || time >= since;

    private static int After(ReadOnlySpan<byte> line, int space)
    {
        var next = line[(space + 1)..].IndexOf((byte)' ');
        return next < 0 ? -1 : space + 1 + next;
    }
}
