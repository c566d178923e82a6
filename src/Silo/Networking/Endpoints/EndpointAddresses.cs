using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Silo.Networking.Endpoints;

/// <summary>Which addresses traffic may be led to. Hosts act on them: what is none, or would reach into a host itself, must not get there.</summary>
internal static class EndpointAddresses
{
    /// <summary>What the address must be; null if it is that.</summary>
    public static string? Problem(string text)
    {
        if (!IPAddress.TryParse(text, out var address) || text.Contains('%', StringComparison.Ordinal)
            || (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != text))
            return "must be an IP address, such as 10.0.0.1 or fd00::1";
        return IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.IsIPv6LinkLocal || address.IsIPv6Multicast || IsHostsOwn(address)
            ? "must not be an unspecified, loopback, link-local or multicast address"
            : null;
    }

    private static bool IsHostsOwn(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [>= 224 and < 240, ..] or [169, 254, ..];
}
