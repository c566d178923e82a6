using Orchestrator.NodeAgent.Cri.V1;
using Orchestrator.NodeAgent.Networking.Cluster;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Networking.Dns;

/// <summary>What a pod's /etc/resolv.conf says, by its dnsPolicy and dnsConfig.</summary>
internal sealed class PodResolver(ClusterNetwork network, string hostFile)
{
    private const string FewerDotsAreSearched = "ndots:5";

    /// <summary>Null: what the host's says.</summary>
    public DNSConfig? Of(string ns, PodSpec spec)
    {
        var cluster = spec.DnsPolicy switch
        {
            "None" or "Default" => null,
            "ClusterFirstWithHostNet" => network.Dns,
            _ => spec.HostNetwork ? null : network.Dns,
        };
        var usesHosts = spec.DnsPolicy != "None";
        if (cluster is null && usesHosts && spec.DnsConfig is null) return null;

        var host = usesHosts && File.Exists(hostFile) ? ResolvConf.Read(hostFile) : new ResolvConf([], [], []);
        var config = new DNSConfig();
        if (cluster is not null)
        {
            config.Servers.Add(cluster.Address);
            config.Searches.Add([$"{ns}.svc.{cluster.Domain}", $"svc.{cluster.Domain}", cluster.Domain, .. host.Searches]);
            config.Options.Add(FewerDotsAreSearched);
        }
        else
        {
            config.Servers.Add(host.Servers);
            config.Searches.Add(host.Searches);
            config.Options.Add(host.Options);
        }

        AddOwn(config, spec.DnsConfig);
        return config;
    }

    private static void AddOwn(DNSConfig config, PodDNSConfig? own)
    {
        if (own is null) return;
        config.Servers.Add(own.Nameservers.Where(server => !config.Servers.Contains(server)));
        config.Searches.Add(own.Searches.Where(name => !config.Searches.Contains(name)));
        foreach (var option in own.Options)
        {
            foreach (var same in config.Options.Where(present => present.Split(':')[0] == option.Name).ToArray()) config.Options.Remove(same);
            config.Options.Add(option.HasValue ? $"{option.Name}:{option.Value}" : option.Name);
        }
    }
}
