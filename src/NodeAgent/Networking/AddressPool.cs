using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.NodeAgent.Options;

namespace Orchestrator.NodeAgent.Networking;

/// <summary>An address with the length of its prefix (10.88.1.7/24), and the network's gateway, empty if it has none.</summary>
internal sealed record PoolAddress(string Address, string Gateway);

/// <summary>
/// The pool from which pods have their addresses: the CNI plugin that gives them out (host-local, usually) is asked for machines as containerd
/// asks it for pods. So its own lock and its own books see to it that nobody gets what another has.
/// </summary>
internal sealed class AddressPool(AgentOptions options, HostTools tools)
{
    // The plugins of the interface that it names are of a container's; a machine's card is its first as well.
    private const string InterfaceName = "eth0";

    /// <summary>Null, and why, if there is none to have.</summary>
    public async Task<(PoolAddress? Address, string Problem)> TakeAsync(string uid, PodNetwork network, CancellationToken cancellation)
    {
        var result = await RunAsync("ADD", uid, network, cancellation);
        if (result.ExitCode != 0) return (null, Problem(result));
        try
        {
            var addresses = JsonNode.Parse(result.Output)?["ips"]?.AsArray() ?? [];
            var first = addresses.FirstOrDefault(one => ((string?)one?["address"])?.Contains('.', StringComparison.Ordinal) is true);
            return first is null
                ? (null, $"{network.AddressPlugin} gave no IPv4 address")
                : (new PoolAddress((string)first["address"]!, (string?)first["gateway"] ?? ""), "");
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return (null, $"{network.AddressPlugin}: {broken.Message}");
        }
    }

    /// <summary>Also if there is nothing to give back.</summary>
    /// <exception cref="IOException">It could not be given back: try again.</exception>
    public async Task GiveBackAsync(string uid, PodNetwork network, CancellationToken cancellation)
    {
        var result = await RunAsync("DEL", uid, network, cancellation);
        if (result.ExitCode != 0) throw new IOException(Problem(result));
    }

    private Task<ToolResult> RunAsync(string command, string uid, PodNetwork network, CancellationToken cancellation)
    {
        var program = options.CniBin.Split(':').Select(folder => Path.Join(folder, network.AddressPlugin)).FirstOrDefault(File.Exists)
            ?? throw new IOException($"the CNI plugin {network.AddressPlugin} is not in {options.CniBin}");
        var environment = new Dictionary<string, string>
        {
            ["CNI_COMMAND"] = command,
            ["CNI_CONTAINERID"] = uid,
            ["CNI_NETNS"] = $"machine:{uid}",
            ["CNI_IFNAME"] = InterfaceName,
            ["CNI_PATH"] = options.CniBin,
        };
        return tools.RunAsync([program], environment, network.Plugin, cancellation);
    }

    private static string Problem(ToolResult result)
    {
        try
        {
            if ((string?)JsonNode.Parse(result.Output)?["msg"] is { Length: > 0 } message) return message;
        }
        catch (JsonException)
        {
            // It died before it could say anything properly.
        }

        return $"status {result.ExitCode}: {result.Errors}{result.Output}";
    }
}
