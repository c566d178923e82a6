using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.NodeAgent.Networking;

/// <summary>
/// The network of this host's pods, as its CNI configuration has it: a bridge, and the plugin that gives out addresses on it. Machines
/// are on the same bridge and have their addresses from the same pool.
/// </summary>
/// <param name="MtuBytes">The longest packet on it; 0 leaves that to each card's driver.</param>
/// <param name="Plugin">What the address plugin is given: the bridge's part of the configuration, under the network's name.</param>
internal sealed record PodNetwork(string Bridge, bool IsGateway, string AddressPlugin, string Plugin, int MtuBytes = 0)
{
    private static readonly string[] Endings = [".conf", ".conflist", ".json"];

    /// <summary>The network that containerd would take: the first file's. Null, and why, if machines can't be on it.</summary>
    public static PodNetwork? Read(string folder, out string problem)
    {
        problem = "";
        if (FirstOf(folder) is not { } file)
        {
            problem = $"there is no CNI network configuration in {folder}";
            return null;
        }

        try
        {
            if (From(JsonNode.Parse(File.ReadAllText(file))!.AsObject()) is { } network) return network;
            problem = $"{file}: machines need a plugin of type bridge with an ipam, and no vlan";
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or IOException)
        {
            problem = $"{file}: {broken.Message}";
        }

        return null;
    }

    /// <summary>The file that containerd would take; null if there is none.</summary>
    public static string? FirstOf(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder).Where(file => Endings.Contains(Path.GetExtension(file))).Order(StringComparer.Ordinal).FirstOrDefault()
        : null;

    private static PodNetwork? From(JsonObject configuration)
    {
        var plugins = configuration["plugins"]?.AsArray().OfType<JsonObject>() ?? [configuration];
        if (plugins.FirstOrDefault(plugin => (string?)plugin["type"] == "bridge") is not { } bridge
            || bridge["vlan"] is not null || (string?)bridge["ipam"]?["type"] is not { Length: > 0 } addressPlugin)
            return null;
        var given = bridge.DeepClone().AsObject();
        given["name"] = configuration["name"]?.DeepClone();
        given["cniVersion"] = configuration["cniVersion"]?.DeepClone();
        return new PodNetwork(
            (string?)bridge["bridge"] ?? "cni0",
            (bool?)bridge["isGateway"] is true || (bool?)bridge["isDefaultGateway"] is true,
            addressPlugin,
            given.ToJsonString(),
            (int?)bridge["mtu"] ?? 0);
    }
}
