using System.Collections.Immutable;
using Orchestrator.Agents.V1;

namespace Orchestrator.NodeAgent.Networking.Cluster;

/// <summary>What the cluster says of this host's network and of the others, as of one moment.</summary>
internal sealed record NetworkState(HostNetwork? Own, ImmutableDictionary<string, PeerHost> Peers)
{
    public static readonly NetworkState Empty = new(null, ImmutableDictionary<string, PeerHost>.Empty);

    public NetworkState With(NetworkUpdate update) => this with
    {
        Own = update.Own ?? Own,
        Peers = Peers.SetItems(update.Peers.Select(peer => KeyValuePair.Create(peer.Name, peer))).RemoveRange(update.RemovedPeers),
    };
}
