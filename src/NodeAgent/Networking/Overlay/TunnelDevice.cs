using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Agents.V1;

namespace Orchestrator.NodeAgent.Networking.Overlay;

/// <summary>This host's end of the VXLAN: it learns nothing and asks nobody, all of its entries are given.</summary>
internal sealed class TunnelDevice(HostTools tools)
{
    public const string Name = "pods-vxlan";
    private const int NetworkId = 111;
    private const int Port = 4789;

    /// <summary>Idempotent; a device that is made otherwise is made anew.</summary>
    public async Task EnsureAsync(HostNetwork own, HostLink link, CancellationToken cancellation)
    {
        if (!IsMadeSo(await FindAsync(cancellation), own, link))
        {
            await RemoveAsync(cancellation);
            await tools.RequireAsync(
                cancellation, "ip", "link", "add", Name, "address", own.TunnelMac, "mtu", $"{link.PodMtu}", "type", "vxlan", "id", $"{NetworkId}",
                "dev", link.Device, "local", link.Address, "dstport", $"{Port}", "nolearning");
        }

        var address = $"{IPNetwork.Parse(own.PodCidr).BaseAddress}/32";
        if (!await HasOnlyAsync(address, cancellation))
        {
            await tools.RequireAsync(cancellation, "ip", "-4", "address", "flush", "dev", Name);
            await tools.RequireAsync(cancellation, "ip", "address", "add", address, "dev", Name);
        }

        await tools.RequireAsync(cancellation, "ip", "link", "set", "dev", Name, "up");
    }

    public async Task RemoveAsync(CancellationToken cancellation)
    {
        if (await FindAsync(cancellation) is not null) await tools.RequireAsync(cancellation, "ip", "link", "delete", "dev", Name);
    }

    private async Task<JsonNode?> FindAsync(CancellationToken cancellation)
    {
        var shown = await tools.RunAsync(cancellation, "ip", "-j", "-d", "link", "show", "dev", Name);
        return shown.ExitCode == 0 ? JsonNode.Parse(shown.Output)?.AsArray().FirstOrDefault() : null;
    }

    private static bool IsMadeSo(JsonNode? device, HostNetwork own, HostLink link) =>
        device?["linkinfo"]?["info_data"] is { } made
        && (int?)made["id"] == NetworkId && (int?)made["port"] == Port && (bool?)made["learning"] == false
        && (string?)made["local"] == link.Address && (string?)made["link"] == link.Device
        && (string?)device["address"] == own.TunnelMac && (int?)device["mtu"] == link.PodMtu;

    private async Task<bool> HasOnlyAsync(string address, CancellationToken cancellation)
    {
        var shown = await tools.ReadJsonAsync(cancellation, "ip", "-j", "-4", "address", "show", "dev", Name);
        string[] has = [.. shown.SelectMany(device => device?["addr_info"]?.AsArray() ?? []).Select(one => $"{(string?)one?["local"]}/{(int?)one?["prefixlen"]}")];
        return has is [var only] && only == address;
    }
}
