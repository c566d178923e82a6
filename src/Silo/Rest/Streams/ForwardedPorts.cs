using System.Globalization;
using Microsoft.Extensions.Primitives;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Rest.Streams;

/// <summary>The query parameter <c>ports</c>: numbers, between commas or in several parameters.</summary>
internal static class ForwardedPorts
{
    /// <summary>Each has two channels, and a channel is one byte of which the last value is taken.</summary>
    private const int MostPorts = 127;

    public static (IReadOnlyList<int> Ports, ApiError? Error) Read(StringValues query)
    {
        var ports = new List<int>();
        foreach (var text in query.SelectMany(value => value!.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
                return ([], Invalid($"Invalid value: \"{text}\": must be a number between 1 and 65535"));
            ports.Add(port);
        }

        return ports.Count switch
        {
            0 => ([], Invalid("Required value: which ports, as ?ports=80,443")),
            > MostPorts => ([], Invalid($"Too many: {ports.Count}: at most {MostPorts} in one socket")),
            _ => (ports, null),
        };
    }

    private static ApiError Invalid(string why) => new(ErrorReason.BadRequest, $"ports: {why}");
}
