using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Networking.Endpoints;
using Orchestrator.Silo.Store;
using Endpoint = Orchestrator.Objects.DiscoveryV1.Endpoint;

namespace Orchestrator.Silo.Networking;

/// <summary>What hosts hear of services and of what is behind them.</summary>
internal static class ServiceMessages
{
    public static readonly Kind Services = KindCatalog.Of<Service>();
    public static readonly Kind Slices = EndpointSlices.Kind;

    public static void Tell(ObjectChange change, UpdateParts parts)
    {
        if (change.Object.Kind == Services) TellService(change, parts);
        else TellSlice(change, parts);
    }

    private static void TellService(ObjectChange change, UpdateParts parts)
    {
        if (change.Operation == WriteOperation.Delete)
        {
            var name = NameOf(change.Object);
            parts.Add(name.Length, part => part.RemovedServices.Add(name));
            return;
        }

        var service = Trimmed(change.Object.As<Service>());
        // Most of what clients say of a service later on, no host acts on.
        if (change.Previous is null || !Trimmed(change.Previous.As<Service>()).Equals(service)) parts.Add(service.CalculateSize(), part => part.Services.Add(service));
    }

    private static void TellSlice(ObjectChange change, UpdateParts parts)
    {
        var slice = change.Operation == WriteOperation.Delete ? null : Trimmed(change.Object);
        if (slice is not null)
        {
            parts.Add(slice.CalculateSize(), part => part.Slices.Add(slice));
        }
        else if (change.Operation == WriteOperation.Delete || change.Previous is not null)
        {
            var name = NameOf(change.Object);
            parts.Add(name.Length, part => part.RemovedSlices.Add(name));
        }
    }

    private static Service Trimmed(Service service) =>
        new() { Metadata = new ObjectMeta { Namespace = service.Metadata.Namespace, Name = service.Metadata.Name }, Spec = service.Spec, Status = service.Status };

    /// <summary>Null if no host has to know it: it is no service's, or has no addresses that a host could send to.</summary>
    private static EndpointSlice? Trimmed(StoredObject stored)
    {
        var (slice, service) = (stored.As<EndpointSlice>(), EndpointSlices.ServiceOf(stored));
        if (service.Length == 0 || slice.AddressType != "IPv4") return null;
        var trimmed = new EndpointSlice { Metadata = new ObjectMeta { Namespace = slice.Metadata.Namespace, Name = slice.Metadata.Name }, AddressType = slice.AddressType, Ports = { slice.Ports } };
        trimmed.Metadata.Labels[EndpointSlices.ServiceLabel] = service;
        trimmed.Endpoints.Add(slice.Endpoints.Select(endpoint => new Endpoint
        {
            Addresses = { endpoint.Addresses },
            Conditions = endpoint.Conditions,
            Hostname = endpoint.Hostname,
            NodeName = endpoint.NodeName,
        }));
        return trimmed;
    }

    private static string NameOf(StoredObject obj) => $"{obj.Key.Namespace}/{obj.Key.Name}";
}
