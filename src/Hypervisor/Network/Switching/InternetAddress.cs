using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Hypervisor.Network.Switching;

/// <summary>IPv4 addresses as text, and in host order.</summary>
internal static class InternetAddress
{
    private const int Bits = 32;

    /// <summary>Four decimal numbers and nothing shorter: 10.88.1.7.</summary>
    public static bool TryParse(string text, out uint address)
    {
        address = 0;
        if (!IPAddress.TryParse(text, out var parsed) || parsed.AddressFamily is not AddressFamily.InterNetwork || parsed.ToString() != text)
        {
            return false;
        }

        address = BinaryPrimitives.ReadUInt32BigEndian(parsed.GetAddressBytes());
        return true;
    }

    /// <summary>Of a text that has been checked.</summary>
    public static uint ParseWithPrefix(string text) => TryParseWithPrefix(text, out var address) ? address : throw new FormatException(text);

    /// <summary>With the length of the prefix behind a slash: 10.88.1.7/24.</summary>
    public static bool TryParseWithPrefix(string text, out uint address)
    {
        address = 0;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && TryParse(text[..slash], out address)
            && int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && length is >= 1 and <= Bits;
    }
}
