using System.Collections.Immutable;
using Orchestrator.Agents.V1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;

namespace Orchestrator.NodeAgent.Networking.Cluster;

/// <summary>What the cluster says of this host's network, of the other hosts and of the services, as of one moment. Services and slices are by NAMESPACE/NAME.</summary>
internal sealed record NetworkState(
    HostNetwork? Own, ImmutableDictionary<string, PeerHost> Peers, ImmutableDictionary<string, Service> Services, ImmutableDictionary<string, EndpointSlice> Slices)
{
    public static readonly NetworkState Empty = new(
        null, ImmutableDictionary<string, PeerHost>.Empty, ImmutableDictionary<string, Service>.Empty, ImmutableDictionary<string, EndpointSlice>.Empty);

    /// <summary>What doesn't change stays the same instance.</summary>
    public NetworkState With(NetworkUpdate update) => this with
    {
        Own = update.Own ?? Own,
        Peers = Peers.SetItems(update.Peers.Select(peer => KeyValuePair.Create(peer.Name, peer))).RemoveRange(update.RemovedPeers),
        Services = Services.SetItems(update.Services.Select(service => KeyValuePair.Create($"{service.Metadata.Namespace}/{service.Metadata.Name}", service)))
            .RemoveRange(update.RemovedServices),
        Slices = Slices.SetItems(update.Slices.Select(slice => KeyValuePair.Create($"{slice.Metadata.Namespace}/{slice.Metadata.Name}", slice)))
            .RemoveRange(update.RemovedSlices),
    };
}
