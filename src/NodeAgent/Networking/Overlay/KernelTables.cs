using System.Text.Json.Nodes;

namespace Orchestrator.NodeAgent.Networking.Overlay;

/// <summary>Reads and changes the kernel's tables by iproute2's programs.</summary>
internal sealed class KernelTables(HostTools tools)
{
    public async Task<OverlayEntries> ReadAsync(bool tunnel, CancellationToken cancellation)
    {
        var entries = OverlayEntries.Empty();
        foreach (var route in await tools.ReadJsonAsync(cancellation, "ip", "-j", "-4", "route", "show", "proto", $"{OverlaySteps.RouteProtocol}"))
            entries.Routes[Range(route!)] = Way(route!);
        if (!tunnel) return entries;
        foreach (var neighbor in await tools.ReadJsonAsync(cancellation, "ip", "-j", "-4", "neigh", "show", "dev", TunnelDevice.Name, "nud", "permanent"))
            entries.Neighbors[(string)neighbor!["dst"]!] = $"lladdr {(string?)neighbor["lladdr"]}";
        foreach (var station in await tools.ReadJsonAsync(cancellation, "bridge", "-j", "fdb", "show", "dev", TunnelDevice.Name))
            entries.Forwarding[(string)station!["mac"]!] = $"dst {(string?)station["dst"]}";
        return entries;
    }

    /// <exception cref="IOException">A step failed; the others were taken.</exception>
    public async Task ChangeAsync(OverlaySteps steps, CancellationToken cancellation)
    {
        // Where frames go is known before anything is sent there.
        await tools.BatchAsync(["bridge", "-force", "-batch", "-"], steps.Bridge, cancellation);
        await tools.BatchAsync(["ip", "-force", "-batch", "-"], steps.Ip, cancellation);
    }

    private static string Range(JsonNode route)
    {
        var range = (string)route["dst"]!;
        return range.Contains('/', StringComparison.Ordinal) ? range : $"{range}/32";
    }

    private static string Way(JsonNode route)
    {
        var via = (string?)route["gateway"] is { } gateway ? $"via {gateway} " : "";
        var source = (string?)route["prefsrc"] is { } address ? $" src {address}" : "";
        var onLink = route["flags"]?.AsArray().Any(flag => (string?)flag == "onlink") is true ? " onlink" : "";
        return $"{via}dev {(string?)route["dev"]}{source}{onLink}";
    }
}
