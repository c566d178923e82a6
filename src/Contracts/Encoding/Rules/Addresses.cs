using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Contracts.Encoding.Rules;

/// <summary>IP addresses as they are written today: not 1, 0x7f.1 or 010.0.0.1, which the system's parser takes too.</summary>
internal static class Addresses
{
    public static bool IsAddress(ReadOnlySpan<char> text) => Family(text) is not null;

    public static bool IsCidr(ReadOnlySpan<char> text)
    {
        var slash = text.IndexOf('/');
        if (slash < 0 || Family(text[..slash]) is not { } family) return false;
        var length = text[(slash + 1)..];
        return length.Length is 1 or 2 or 3 && (length.Length == 1 || length[0] != '0')
            && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits <= (family == AddressFamily.InterNetwork ? 32 : 128);
    }

    /// <summary>A MAC address in lower case that is neither a group's nor nobody's.</summary>
    public static bool IsStation(ReadOnlySpan<char> text)
    {
        if (text.Length != 17 || text.SequenceEqual("00:00:00:00:00:00")) return false;
        for (var at = 0; at < text.Length; at++)
            if (at % 3 == 2 ? text[at] != ':' : !char.IsAsciiHexDigitLower(text[at])) return false;
        return (Convert.ToInt32(text[..2].ToString(), 16) & 1) == 0;
    }

    private static AddressFamily? Family(ReadOnlySpan<char> text)
    {
        if (text.Contains(':'))
        {
            var isAddress = !text.ContainsAny('%', '[', ']') && text.Length <= 45 && IPAddress.TryParse(text, out _);
            return isAddress ? AddressFamily.InterNetworkV6 : null;
        }
        var parts = 0;
        foreach (var part in text.Split('.'))
        {
            var digits = text[part];
            if (++parts > 4 || digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0')) return null;
            if (!byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out _)) return null;
        }
        return parts == 4 ? AddressFamily.InterNetwork : null;
    }
}
