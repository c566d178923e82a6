using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Networking.Services;
using Orchestrator.Silo.Ownership;
using EndpointPort = Orchestrator.Objects.DiscoveryV1.EndpointPort;

namespace Orchestrator.Silo.Networking.Endpoints;

/// <summary>What makes an EndpointSlice one of a service, and one of ours.</summary>
internal static class EndpointSlices
{
    public const string ServiceLabel = "kubernetes.io/service-name";
    private const string ManagerLabel = "endpointslice.kubernetes.io/managed-by";
    private const string HeadlessLabel = "service.kubernetes.io/headless";
    private const string Manager = "endpoints.orchestrator.dev";

    public static readonly Kind Kind = KindCatalog.Of<EndpointSlice>();

    /// <summary>Empty where the slice is nobody's.</summary>
    public static string ServiceOf(StoredObject slice) => slice.Metadata.Labels.GetValueOrDefault(ServiceLabel, "");

    public static bool IsOurs(StoredObject slice) => slice.Metadata.Labels.GetValueOrDefault(ManagerLabel) == Manager;

    /// <summary>An empty one, without a name. It goes with its service.</summary>
    public static EndpointSlice New(StoredObject service, IEnumerable<EndpointPort> ports)
    {
        var slice = new EndpointSlice
        {
            Metadata = new ObjectMeta { Namespace = service.Key.Namespace, GenerateName = $"{service.Key.Name}-", Generation = 1 },
            AddressType = "IPv4",
            Ports = { ports },
        };
        slice.Metadata.Labels[ServiceLabel] = service.Key.Name;
        slice.Metadata.Labels[ManagerLabel] = Manager;
        if (service.As<Service>().Spec.ClusterIp == ServiceTypes.Headless) slice.Metadata.Labels[HeadlessLabel] = "";
        slice.Metadata.OwnerReferences.Add(ControllerReference.To(service));
        return slice;
    }
}
