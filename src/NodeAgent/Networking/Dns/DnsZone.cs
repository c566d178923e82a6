using System.Collections.Frozen;
using System.Net;
using Orchestrator.NodeAgent.Networking.Cluster;
using Orchestrator.NodeAgent.Networking.Services;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;

namespace Orchestrator.NodeAgent.Networking.Dns;

/// <summary>A service's port and who offers it, by his name.</summary>
internal readonly record struct DnsOffer(int Port, string Target);

/// <summary>What there is under one name. A name that leads on to another has nothing else.</summary>
internal sealed record DnsEntry
{
    public List<IPAddress> Addresses { get; } = [];
    public List<DnsOffer> Offers { get; } = [];

    /// <summary>The name that an external name is; empty if it is none.</summary>
    public string Alias { get; set; } = "";
}

/// <summary>
/// The names of a cluster's services and of what is behind headless ones, by Kubernetes' specification of DNS-based service discovery (1.1). Names are
/// relative to the cluster's domain and in lower case; a name that only leads to others is there and empty.
/// </summary>
internal sealed class DnsZone
{
    private const string ServiceLabel = "kubernetes.io/service-name";
    private readonly FrozenDictionary<string, DnsEntry> _names;
    private readonly FrozenDictionary<IPAddress, string> _byAddress;

    private DnsZone(Dictionary<string, DnsEntry> names, Dictionary<IPAddress, string> byAddress) =>
        (_names, _byAddress) = (names.ToFrozenDictionary(StringComparer.Ordinal), byAddress.ToFrozenDictionary());

    /// <summary>Null if there is no such name.</summary>
    public DnsEntry? Find(string name) => _names.GetValueOrDefault(name) ?? PodOf(name);

    /// <summary>The name of a service's address, or of an endpoint that has one.</summary>
    public string? NameOf(IPAddress address) => _byAddress.GetValueOrDefault(address);

    public static DnsZone Of(NetworkState state)
    {
        var (names, byAddress) = (new Dictionary<string, DnsEntry>(StringComparer.Ordinal) { ["svc"] = new(), ["pod"] = new() }, new Dictionary<IPAddress, string>());
        var slices = state.Slices.Values.ToLookup(slice => $"{slice.Metadata.Namespace}/{slice.Metadata.Labels.GetValueOrDefault(ServiceLabel)}");
        foreach (var (key, service) in state.Services)
        {
            var name = $"{service.Metadata.Name}.{service.Metadata.Namespace}.svc";
            Entry(names, $"{service.Metadata.Namespace}.svc");
            var entry = Entry(names, name);
            if (service.Spec.Type == "ExternalName") entry.Alias = service.Spec.ExternalName;
            else if (service.Spec.ClusterIp == "None") AddHeadless(names, byAddress, name, entry, service, slices[key]);
            else if (PlainAddress.Is(service.Spec.ClusterIp)) AddAddress(names, byAddress, name, entry, service);
        }

        return new DnsZone(names, byAddress);
    }

    private static void AddAddress(Dictionary<string, DnsEntry> names, Dictionary<IPAddress, string> byAddress, string name, DnsEntry entry, Service service)
    {
        var address = IPAddress.Parse(service.Spec.ClusterIp);
        entry.Addresses.Add(address);
        byAddress[address] = name;
        foreach (var port in service.Spec.Ports) AddOffer(names, name, port.Name, port.Protocol, new DnsOffer(port.Port, name));
    }

    /// <summary>Its endpoints, each under a name of its own too: the host name that it has, or one made of its address.</summary>
    private static void AddHeadless(
        Dictionary<string, DnsEntry> names, Dictionary<IPAddress, string> byAddress, string name, DnsEntry entry, Service service, IEnumerable<EndpointSlice> slices)
    {
        foreach (var slice in slices)
        {
            foreach (var endpoint in slice.Endpoints)
            {
                if (endpoint.Conditions is { HasReady: true, Ready: false } || endpoint.Addresses is not [var text, ..] || !PlainAddress.Is(text)) continue;
                var (address, own) = (IPAddress.Parse(text), $"{(endpoint.Hostname.Length > 0 ? endpoint.Hostname : text.Replace('.', '-'))}.{name}");
                if (!entry.Addresses.Contains(address)) entry.Addresses.Add(address);
                if (Entry(names, own) is var single && !single.Addresses.Contains(address)) single.Addresses.Add(address);
                if (endpoint.Hostname.Length > 0) byAddress.TryAdd(address, own);
                foreach (var port in slice.Ports.Where(port => port.HasPort)) AddOffer(names, name, port.Name, port.Protocol, new DnsOffer(port.Port, own));
            }
        }
    }

    private static void AddOffer(Dictionary<string, DnsEntry> names, string service, string port, string protocol, DnsOffer offer)
    {
        if (port.Length == 0) return;
        var transport = $"_{protocol.ToLowerInvariant()}.{service}";
        Entry(names, transport);
        Entry(names, $"_{port}.{transport}").Offers.Add(offer);
    }

    /// <summary>10-88-1-7.NAMESPACE.pod: the address that the name says, as in Kubernetes whether or not there is such a pod.</summary>
    private static DnsEntry? PodOf(string name)
    {
        if (name.Split('.') is not [var address, _, "pod"] || !PlainAddress.Is(address.Replace('-', '.'))) return null;
        var entry = new DnsEntry();
        entry.Addresses.Add(IPAddress.Parse(address.Replace('-', '.')));
        return entry;
    }

    private static DnsEntry Entry(Dictionary<string, DnsEntry> names, string name)
    {
        if (!names.TryGetValue(name, out var entry)) names[name] = entry = new DnsEntry();
        return entry;
    }
}
