using System.Net;

namespace Orchestrator.NodeAgent.Networking;

/// <summary>The bridge of the pods' network where a machine needs it before the first pod has come: made as CNI's bridge plugin would.</summary>
internal sealed class HostBridge(HostTools tools)
{
    private const string Forwarding = "/proc/sys/net/ipv4/ip_forward";

    /// <summary>Idempotent; a bridge that is there is left as it is.</summary>
    /// <exception cref="IOException">It can't be made.</exception>
    public async Task EnsureAsync(PodNetwork network, PoolAddress address, CancellationToken cancellation)
    {
        if ((await tools.RunAsync(cancellation, "ip", "link", "show", "dev", network.Bridge)).ExitCode == 0) return;
        // An address of its own: left to itself, a bridge has that of one of its ports, and changes it with them under everybody's feet.
        var gateway = IPAddress.TryParse(address.Gateway, out var parsed) ? parsed : IPAddress.Parse(address.Address.Split('/')[0]);
        var mac = "0a:58:" + string.Join(':', gateway.GetAddressBytes().Select(part => part.ToString("x2")));
        var made = await tools.RunAsync(cancellation, "ip", "link", "add", "name", network.Bridge, "address", mac, "type", "bridge");
        // A pod may have come at the same moment.
        if (made.ExitCode != 0 && !made.Errors.Contains("File exists", StringComparison.Ordinal)) throw Failed(made);
        if (network.IsGateway && parsed is not null)
        {
            await RequireAsync(cancellation, "ip", "address", "replace", $"{parsed}/{address.Address.Split('/')[1]}", "dev", network.Bridge);
            await RequireAsync(cancellation, "sh", "-c", $"echo 1 > {Forwarding}");
        }

        await RequireAsync(cancellation, "ip", "link", "set", "dev", network.Bridge, "up");
    }

    private async Task RequireAsync(CancellationToken cancellation, params string[] command)
    {
        var result = await tools.RunAsync(cancellation, command);
        if (result.ExitCode != 0) throw Failed(result);
    }

    private static IOException Failed(ToolResult result) => new($"the pods' bridge can't be made: {result.Errors}{result.Output}".Trim());
}
