using Microsoft.Extensions.Logging;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Networking.Cluster;

namespace Orchestrator.NodeAgent.Networking.Overlay;

/// <summary>
/// The way to the pods and machines of the other hosts: a route for each host's range, and with VXLAN the two entries by which the tunnel
/// finds that host without ever asking or learning. It owns the tunnel's device and the routes of its protocol number, and nothing else.
/// </summary>
internal sealed class HostOverlay(HostTools tools, string address, ILogger<HostOverlay> logger)
{
    private const int TunnelHeaderBytes = 50;
    private const string Vxlan = "vxlan";

    private readonly TunnelDevice _tunnel = new(tools);
    private readonly KernelTables _kernel = new(tools);

    /// <exception cref="IOException">No device has this host's address.</exception>
    public async Task<HostLink> FindLinkAsync(HostNetwork own, CancellationToken cancellation)
    {
        foreach (var device in await tools.ReadJsonAsync(cancellation, "ip", "-j", "-4", "address", "show"))
        {
            if (device?["addr_info"]?.AsArray().Any(one => (string?)one?["local"] == address) is not true) continue;
            var mtu = (int)device["mtu"]!;
            return new HostLink((string)device["ifname"]!, address, own.Backend == Vxlan ? mtu - TunnelHeaderBytes : mtu);
        }

        throw new IOException($"no device of this host has its address {address}");
    }

    /// <exception cref="IOException">Something could not be set; what could be set, is.</exception>
    public async Task ApplyAsync(HostNetwork own, IEnumerable<PeerHost> peers, HostLink link, CancellationToken cancellation)
    {
        var tunnel = own.Backend == Vxlan;
        if (tunnel) await _tunnel.EnsureAsync(own, link, cancellation);
        else await _tunnel.RemoveAsync(cancellation);
        await tools.RequireAsync(cancellation, "sh", "-c", "[ $(cat /proc/sys/net/ipv4/ip_forward) = 1 ] || echo 1 > /proc/sys/net/ipv4/ip_forward");
        var wanted = Wanted(peers, tunnel, link);
        // For what the host itself sends to services: it leads nowhere, but without a route nothing is sent at all.
        if (own.ServiceCidr.Length > 0) wanted.Routes[own.ServiceCidr] = $"dev {link.Device} src {link.Address}";
        var steps = OverlaySteps.Between(await _kernel.ReadAsync(tunnel, cancellation), wanted);
        if (steps.IsEmpty) return;
        logger.LogInformation("Routes to other hosts change: {Routes} routes, {Steps} steps", wanted.Routes.Count, steps.Count);
        await _kernel.ChangeAsync(steps, cancellation);
    }

    private static OverlayEntries Wanted(IEnumerable<PeerHost> peers, bool tunnel, HostLink link)
    {
        var wanted = OverlayEntries.Empty();
        foreach (var peer in peers)
        {
            // Each host's end of the tunnel has the first address of its range, which no pod has.
            if (PlainAddress.Range(peer.PodCidr) is not { } range || !PlainAddress.Is(peer.Address) || peer.Address == link.Address) continue;
            var end = range.BaseAddress.ToString();
            wanted.Routes[peer.PodCidr] = tunnel ? $"via {end} dev {TunnelDevice.Name} onlink" : $"via {peer.Address} dev {link.Device}";
            if (!tunnel) continue;
            wanted.Neighbors[end] = $"lladdr {peer.TunnelMac}";
            wanted.Forwarding[peer.TunnelMac] = $"dst {peer.Address}";
        }

        return wanted;
    }
}
