using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;

namespace Orchestrator.NodeAgent.Networking.Services;

/// <summary>
/// From one service and what is behind it to the rules of this host. Of each port:
/// <code>
///   its address ─► cluster/… ──────────────┬─► all/…, local/…: one of the endpoints ─► (to/…: remembered) ─► there
///   a port of the host, external addresses ─► external/… ──┘
/// </code>
/// </summary>
/// <param name="clusterCidr">Whoever is in it is answered straight; others are answered through the host that they came to.</param>
internal sealed class ServiceRules(string host, string clusterCidr)
{
    private const int DefaultAffinitySeconds = 10800;

    public RuleSet Of(Service service, IReadOnlyCollection<EndpointSlice> slices)
    {
        var rules = new RuleSet();
        var spec = service.Spec;
        if (spec.Type == "ExternalName" || !PlainAddress.Is(spec.ClusterIp)) return rules;
        foreach (var port in spec.Ports)
        {
            var way = new PortWay($"{service.Metadata.Namespace}/{service.Metadata.Name}/{port.Protocol.ToLowerInvariant()}/{port.Port}", port.Protocol.ToLowerInvariant(), rules);
            var endpoints = ServiceEndpoint.Of(port, slices, host);
            var local = endpoints.Where(endpoint => endpoint.IsLocal).ToArray();
            if (spec.SessionAffinity == "ClientIP") way.AffinitySeconds = spec.SessionAffinityConfig?.ClientIp is { HasTimeoutSeconds: true } client ? client.TimeoutSeconds : DefaultAffinitySeconds;
            foreach (var endpoint in local) rules.Elements[(ServiceFrame.Hairpins, $"{endpoint.Address} . {endpoint.Address}")] = "";
            Inside(spec, port, way, endpoints, local);
            Outside(service, port, way, endpoints, local);
        }

        return rules;
    }

    private void Inside(ServiceSpec spec, ServicePort port, PortWay way, IReadOnlyList<ServiceEndpoint> endpoints, ServiceEndpoint[] local)
    {
        var isLocal = spec.InternalTrafficPolicy == "Local";
        var address = $"{spec.ClusterIp} . {way.Protocol} . {port.Port}";
        if ((isLocal ? local.Length : endpoints.Count) == 0)
        {
            // Kubernetes' difference: nobody anywhere is refused, nobody here isn't answered.
            way.Rules.Elements[(ServiceFrame.Unserved, address)] = endpoints.Count == 0 ? $"goto {ServiceFrame.Refuse}" : "drop";
            return;
        }

        // What the host itself sends, or somebody outside, comes from an address to which an endpoint elsewhere may have another way.
        way.Rules.Chains[$"cluster/{way.Name}"] = $"ip saddr != {clusterCidr} meta mark set meta mark | {ServiceFrame.Mark}\ngoto {(isLocal ? way.Local(local) : way.All(endpoints))}";
        way.Rules.Elements[(ServiceFrame.Addresses, address)] = $"goto cluster/{way.Name}";
    }

    private void Outside(Service service, ServicePort port, PortWay way, IReadOnlyList<ServiceEndpoint> endpoints, ServiceEndpoint[] local)
    {
        var spec = service.Spec;
        string[] addresses = [.. spec.ExternalIps, .. service.Status?.LoadBalancer?.Ingress.Where(ingress => ingress.IpMode != "Proxy").Select(ingress => ingress.Ip) ?? []];
        string[] keys = [.. addresses.Distinct().Where(PlainAddress.Is).Select(ip => $"{ip} . {way.Protocol} . {port.Port}")];
        if (keys.Length == 0 && port.NodePort == 0) return;
        var nodePort = $"{way.Protocol} . {port.NodePort}";
        var isLocal = spec.ExternalTrafficPolicy == "Local";
        if (endpoints.Count == 0)
        {
            foreach (var key in keys) way.Rules.Elements[(ServiceFrame.Unserved, key)] = $"goto {ServiceFrame.Refuse}";
            if (port.NodePort > 0) way.Rules.Elements[(ServiceFrame.UnservedPorts, nodePort)] = $"goto {ServiceFrame.Refuse}";
            return;
        }

        var marked = $"meta mark set meta mark | {ServiceFrame.Mark}";
        way.Rules.Chains[$"external/{way.Name}"] = isLocal
            // Those inside are no outsiders by taking another way; for the others it is here or nowhere, and their address is seen.
            ? $"ip saddr {clusterCidr} goto {way.All(endpoints)}\nfib saddr type local {marked}\nfib saddr type local goto {way.All(endpoints)}\n{(local.Length > 0 ? $"goto {way.Local(local)}" : "drop")}"
            : $"{marked}\ngoto {way.All(endpoints)}";
        foreach (var key in keys) way.Rules.Elements[(ServiceFrame.Addresses, key)] = $"goto external/{way.Name}";
        if (port.NodePort > 0) way.Rules.Elements[(ServiceFrame.NodePorts, nodePort)] = $"goto external/{way.Name}";
    }
}
