using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;
using EndpointPort = Orchestrator.Objects.DiscoveryV1.EndpointPort;

namespace Orchestrator.NodeAgent.Networking.Services;

/// <summary>Where a connection to a service's port may be sent.</summary>
internal readonly record struct ServiceEndpoint(string Address, int Port, bool IsLocal)
{
    /// <summary>
    /// The endpoints of one port: those that are ready; where there are none, those that still serve while they end, as in Kubernetes.
    /// </summary>
    public static IReadOnlyList<ServiceEndpoint> Of(ServicePort port, IEnumerable<EndpointSlice> slices, string host)
    {
        var (ready, serving) = (new SortedSet<ServiceEndpoint>(Order), new SortedSet<ServiceEndpoint>(Order));
        foreach (var slice in slices)
        {
            if (slice.Ports.FirstOrDefault(own => own.Name == port.Name && own.Protocol == port.Protocol) is not EndpointPort { HasPort: true } target) continue;
            foreach (var endpoint in slice.Endpoints)
            {
                var conditions = endpoint.Conditions;
                // What isn't said of an endpoint that somebody has written by hand is taken to be so.
                var isReady = conditions is not { HasReady: true } || conditions.Ready;
                var isServing = conditions is { HasServing: true } ? conditions.Serving : isReady;
                if (endpoint.Addresses is not [var address, ..] || !PlainAddress.Is(address)) continue;
                if (isReady || (isServing && conditions is { Terminating: true }))
                    (isReady ? ready : serving).Add(new ServiceEndpoint(address, target.Port, endpoint.NodeName == host));
            }
        }

        return [.. ready.Count > 0 ? ready : serving];
    }

    private static readonly IComparer<ServiceEndpoint> Order = Comparer<ServiceEndpoint>.Create((a, b) =>
    {
        var order = string.CompareOrdinal(a.Address, b.Address);
        return order == 0 ? a.Port.CompareTo(b.Port) : order;
    });
}
