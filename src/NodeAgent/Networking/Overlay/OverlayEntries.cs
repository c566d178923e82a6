namespace Orchestrator.NodeAgent.Networking.Overlay;

/// <summary>What leads to other hosts, each by its key, in the words of ip and bridge.</summary>
/// <param name="Routes">From a range to how it is reached.</param>
/// <param name="Neighbors">From the address of another end of the tunnel to its MAC address.</param>
/// <param name="Forwarding">From that MAC address to the host.</param>
internal sealed record OverlayEntries(Dictionary<string, string> Routes, Dictionary<string, string> Neighbors, Dictionary<string, string> Forwarding)
{
    public static OverlayEntries Empty() => new([], [], []);
}

/// <summary>Lines for <c>ip -batch</c> and <c>bridge -batch</c> that lead from one state to another.</summary>
internal sealed record OverlaySteps(IReadOnlyList<string> Ip, IReadOnlyList<string> Bridge)
{
    /// <summary>Which daemon's routes are ours (<c>ip route show proto 111</c>).</summary>
    public const int RouteProtocol = 111;

    public bool IsEmpty => Count == 0;

    public int Count => Ip.Count + Bridge.Count;

    /// <summary>
    /// A host that comes gets its tunnel entries before its route, one that goes loses its route first: nothing is ever sent that nobody
    /// would carry. What stays isn't touched.
    /// </summary>
    public static OverlaySteps Between(OverlayEntries present, OverlayEntries wanted)
    {
        const string Device = TunnelDevice.Name;
        List<string> ip =
        [
            .. Gone(present.Routes, wanted.Routes).Select(range => $"route delete {range} proto {RouteProtocol}"),
            .. Gone(present.Neighbors, wanted.Neighbors).Select(end => $"neigh delete {end} dev {Device}"),
            .. New(present.Neighbors, wanted.Neighbors).Select(end => $"neigh replace {end} {wanted.Neighbors[end]} dev {Device} nud permanent"),
            .. New(present.Routes, wanted.Routes).Select(range => $"route replace {range} {wanted.Routes[range]} proto {RouteProtocol}"),
        ];
        List<string> bridge =
        [
            .. Gone(present.Forwarding, wanted.Forwarding).Select(mac => $"fdb delete {mac} dev {Device}"),
            .. New(present.Forwarding, wanted.Forwarding).Select(mac => $"fdb replace {mac} dev {Device} {wanted.Forwarding[mac]} self permanent"),
        ];
        return new OverlaySteps(ip, bridge);
    }

    private static IEnumerable<string> Gone(Dictionary<string, string> present, Dictionary<string, string> wanted) => present.Keys.Where(key => !wanted.ContainsKey(key));

    private static IEnumerable<string> New(Dictionary<string, string> present, Dictionary<string, string> wanted) =>
        wanted.Keys.Where(key => present.GetValueOrDefault(key) != wanted[key]);
}
