using System.Net;
using System.Net.Sockets;

namespace Orchestrator.NodeAgent.Networking;

/// <summary>
/// IPv4 as it is written today. What the cluster tells becomes words for ip and nft: nothing else than an address gets into them, whatever
/// the silo has let through.
/// </summary>
internal static class PlainAddress
{
    public static bool Is(string text) => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text;

    /// <summary>A range from its first address on; null if the text is none.</summary>
    public static IPNetwork? Range(string text) =>
        IPNetwork.TryParse(text, out var range) && range.BaseAddress.AddressFamily == AddressFamily.InterNetwork && range.ToString() == text ? range : null;
}
