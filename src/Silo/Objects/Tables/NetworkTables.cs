using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;

namespace Orchestrator.Silo.Objects.Tables;

/// <summary>The tables of services and what is behind them.</summary>
internal static class NetworkTables
{
    private const int Shown = 3;

    public static readonly TableLayout Service = new([
        TableLayout.Name,
        new Column("Type", "string", (obj, _) => obj.As<Service>().Spec.Type),
        new Column("Cluster-IP", "string", (obj, _) => TableLayout.OrNone(obj.As<Service>().Spec.ClusterIp)),
        new Column("External-IP", "string", (obj, _) => External(obj.As<Service>())),
        new Column("Port(s)", "string", (obj, _) => Ports(obj.As<Service>())),
        TableLayout.Age,
        new Column("Selector", "string", (obj, _) => TableLayout.OrNone(string.Join(',', obj.As<Service>().Spec.Selector.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"))), Wide: true)]);

    public static readonly TableLayout Endpoints = new([
        TableLayout.Name,
        new Column("Endpoints", "string", (obj, _) => Some(obj.As<Endpoints>().Subsets.SelectMany(subset => subset.Addresses.SelectMany(
            address => subset.Ports.Count == 0 ? [address.Ip] : subset.Ports.Select(port => $"{address.Ip}:{port.Port}"))))),
        TableLayout.Age]);

    public static readonly TableLayout EndpointSlice = new([
        TableLayout.Name,
        new Column("AddressType", "string", (obj, _) => obj.As<EndpointSlice>().AddressType),
        new Column("Ports", "string", (obj, _) => Some(obj.As<EndpointSlice>().Ports.Select(port => port.Port.ToString()))),
        new Column("Endpoints", "string", (obj, _) => Some(obj.As<EndpointSlice>().Endpoints.SelectMany(endpoint => endpoint.Addresses))),
        TableLayout.Age]);

    private static string External(Service service)
    {
        if (service.Spec.Type == "ExternalName") return service.Spec.ExternalName;
        var balanced = service.Status?.LoadBalancer?.Ingress.Select(ingress => ingress.Ip.Length > 0 ? ingress.Ip : ingress.Hostname) ?? [];
        var all = string.Join(',', balanced.Concat(service.Spec.ExternalIps));
        return all.Length == 0 && service.Spec.Type == "LoadBalancer" ? "<pending>" : TableLayout.OrNone(all);
    }

    private static string Ports(Service service) =>
        TableLayout.OrNone(string.Join(',', service.Spec.Ports.Select(port => port.NodePort > 0 ? $"{port.Port}:{port.NodePort}/{port.Protocol}" : $"{port.Port}/{port.Protocol}")));

    private static string Some(IEnumerable<string> items)
    {
        var all = items.ToArray();
        var shown = string.Join(',', all.Take(Shown));
        return all.Length > Shown ? $"{shown} + {all.Length - Shown} more..." : TableLayout.OrNone(shown);
    }
}
