using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Silo.Networking;

/// <summary>The MAC address of a host's end of the tunnel. It follows from the host's name, so that no host has to tell it to the others.</summary>
internal static class TunnelAddress
{
    /// <summary>Of those that nobody has given out (the second bit of the first byte says so).</summary>
    public static string Of(string host) =>
        "02:" + string.Join(':', SHA256.HashData(Encoding.UTF8.GetBytes($"tunnel/{host}")).Take(5).Select(part => part.ToString("x2")));
}
