using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Net.NetworkInformation;
using System.Text.RegularExpressions;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Encoding.Rules;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Structural;

/// <summary>The formats that a string may be asked to have. As in Kubernetes, one that nobody knows demands nothing.</summary>
internal static partial class SchemaFormats
{
    public static bool Fits(string format, string text) => format switch
    {
        "byte" => Convert.TryFromBase64String(text, new byte[text.Length], out _),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "date-time" => WireTime.TryParse(text, out _),
        "duration" => DurationPattern().IsMatch(text),
        "email" => MailAddress.TryCreate(text, out var address) && address.Address == text,
        "hostname" => Formats.Problem(Format.DnsSubdomain, text.ToLowerInvariant()) is null,
        "ipv4" => IPAddress.TryParse(text, out var ip) && ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && text.Count(letter => letter == '.') == 3,
        "ipv6" => IPAddress.TryParse(text, out var ip) && ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6,
        "cidr" => Formats.Problem(Format.Cidr, text) is null,
        "mac" => PhysicalAddress.TryParse(text, out _),
        "uuid" or "uuid3" or "uuid4" or "uuid5" => Guid.TryParse(text, out _),
        "uri" => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out _),
        _ => true,
    };

    /// <summary>Go's durations: 1h30m, 1.5s.</summary>
    [GeneratedRegex(@"\A[-+]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h|d|w))+\z")]
    private static partial Regex DurationPattern();
}
