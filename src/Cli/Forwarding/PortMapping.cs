using System.Globalization;

namespace Orchestrator.Cli.Forwarding;

/// <summary>
/// One <c>[LOCAL:]REMOTE</c> of port-forward: <c>8080:80</c>, <c>8080:http</c>, <c>80</c> (the same here), <c>:80</c> (any free one here).
/// </summary>
/// <param name="Local">0: any that is free; null: the same as the remote one.</param>
/// <param name="Remote">A number or a name.</param>
internal sealed record PortMapping(ushort? Local, string Remote)
{
    /// <exception cref="CommandException">It is no such thing.</exception>
    public static PortMapping Parse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length > 2 || parts[^1].Length == 0) throw new CommandException($"\"{text}\" is no port: use REMOTE, LOCAL:REMOTE or :REMOTE");
        if (parts.Length == 1) return new PortMapping(null, parts[0]);
        if (parts[0].Length == 0) return new PortMapping(0, parts[1]);
        return ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var local)
            ? new PortMapping(local, parts[1])
            : throw new CommandException($"\"{text}\": the local port must be a number between 0 and 65535");
    }

    /// <summary>Null if the text is a name and no number.</summary>
    public static int? Number(string port)
    {
        if (!port.All(char.IsAsciiDigit)) return null;
        return ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new CommandException($"\"{port}\" is no port: it must be between 1 and 65535");
    }
}

/// <summary>Where a connection comes in here, and where it goes there.</summary>
internal readonly record struct PortPair(ushort Local, int Remote);
