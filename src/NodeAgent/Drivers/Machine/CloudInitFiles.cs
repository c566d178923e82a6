using System.Text;
using Google.Protobuf;
using Orchestrator.Agents.V1;
using Orchestrator.Dom0.V1;
using Orchestrator.NodeAgent.Configuration;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.NodeAgent.Drivers.Machine;

/// <summary>
/// What cloud-init finds on the disk labelled cidata (its datasource NoCloud): always user-data, meta-data and network-config, since it waits for
/// the first two, and takes an interface without the third for one that asks DHCP, which isn't here.
/// </summary>
internal static class CloudInitFiles
{
    public const string Label = "cidata";

    private const int MostBytes = 1 << 20;
    private const string EmptyUserData = "#cloud-config\n";
    private static readonly string[] Keys = ["userdata", "networkdata", "metadata"];

    /// <exception cref="ConfigurationProblemException">The Secret that they are in is missing, has none of them, or too much.</exception>
    public static IEnumerable<ConfigFile> Of(DesiredWorkload workload, IReadOnlyList<NetworkInterface> cards)
    {
        if (workload.Machine!.Spec.CloudInit is not { } files) return [];
        var secret = SecretOf(workload, files.SecretName);
        ConfigFile[] all =
        [
            File("user-data", files.UserData, Keys[0], () => EmptyUserData),
            File("network-config", files.NetworkData, Keys[1], () => NetworkConfig(cards)),
            File("meta-data", files.MetaData, Keys[2], () => $"instance-id: {workload.Id.Uid}\nlocal-hostname: {HostnameOf(workload)}\n"),
        ];
        var bytes = all.Sum(file => (long)file.Content.Length);
        return bytes <= MostBytes ? all : throw new ConfigurationProblemException($"spec.cloudInit has {bytes} bytes in all; at most {MostBytes} go to a guest");

        ConfigFile File(string name, string own, string key, Func<string> otherwise) => new()
        {
            Name = name,
            Content = own.Length > 0 ? ByteString.CopyFromUtf8(own) : secret.GetValueOrDefault(key) ?? ByteString.CopyFromUtf8(otherwise()),
        };
    }

    private static Dictionary<string, ByteString> SecretOf(DesiredWorkload workload, string name)
    {
        if (name.Length == 0) return [];
        var secret = workload.Sources.All(ConfigurationSource.Types.Kind.Secret, name, optional: false)!.ToDictionary();
        return Keys.Any(secret.ContainsKey)
            ? secret
            : throw new ConfigurationProblemException($"secret \"{name}\" has none of the keys {string.Join(", ", Keys)}, which spec.cloudInit takes of it");
    }

    private static string HostnameOf(DesiredWorkload workload) => workload.Machine!.Spec.Hostname is { Length: > 0 } own ? own : workload.Id.Name;

    /// <summary>Version 2 of its format. The values are our own: MAC addresses, IP addresses, and names of DNS labels.</summary>
    private static string NetworkConfig(IReadOnlyList<NetworkInterface> cards)
    {
        var text = new StringBuilder("version: 2\nethernets:").Append(cards.Count == 0 ? " {}\n" : "\n");
        foreach (var card in cards)
        {
            text.Append($"  {card.Name}:\n    match: {{macaddress: \"{card.MacAddress}\"}}\n    dhcp4: false\n");
            if (card.Addresses.Count > 0) text.Append($"    addresses: [{string.Join(", ", card.Addresses.Select(address => $"\"{address}\""))}]\n");
            if (card.Gateway.Length > 0) text.Append($"    routes: [{{to: 0.0.0.0/0, via: {card.Gateway}}}]\n");
        }

        return text.ToString();
    }
}
