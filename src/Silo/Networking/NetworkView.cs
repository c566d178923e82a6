using Orchestrator.Agents.V1;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Networking;

/// <summary>One host's place in the changes of what networks are made of. It remembers places only, not what it has told.</summary>
internal sealed class NetworkView(ObjectCache cache, NetworkOptions options, string host)
{
    private static readonly Kind Nodes = KindCatalog.Of<Node>();

    private readonly FollowedKind[] _followed = [new(cache[Nodes]), new(cache[ServiceMessages.Services]), new(cache[ServiceMessages.Slices])];

    /// <summary>What has changed since the last call, in parts; everything where a place was lost, and at first.</summary>
    public IReadOnlyList<NetworkUpdate> Read()
    {
        var parts = new UpdateParts();
        var restarted = false;
        foreach (var kind in _followed) restarted |= kind.Read(change => Tell(change, parts));
        if (restarted)
        {
            parts = new UpdateParts(reset: true);
            foreach (var obj in _followed.SelectMany(kind => kind.Cache.Current.Objects)) Tell(new ObjectChange(obj.Revision, WriteOperation.Create, obj, null, default), parts);
        }

        return parts.Finish();
    }

    /// <summary>Ends once there is something to read.</summary>
    public async Task Wait(CancellationToken cancellation) => await await Task.WhenAny(_followed.Select(kind => kind.Wait(cancellation)));

    private void Tell(ObjectChange change, UpdateParts parts)
    {
        if (change.Object.Kind == Nodes) TellHost(change, parts);
        else ServiceMessages.Tell(change, parts);
    }

    private void TellHost(ObjectChange change, UpdateParts parts)
    {
        var name = change.Object.Key.Name;
        if (name == host)
        {
            // A host that is taken out of the cluster while its agent is connected registers again, and hears of that.
            if (change.Operation == WriteOperation.Delete) return;
            var own = HostOf(change.Object);
            if (change.Previous is null || !HostOf(change.Previous).Equals(own)) parts.Add(own.CalculateSize(), part => part.Own = own);
            return;
        }

        var peer = change.Operation == WriteOperation.Delete ? null : PeerOf(change.Object);
        var before = change.Previous is null ? null : PeerOf(change.Previous);
        if (peer is not null && !peer.Equals(before)) parts.Add(peer.CalculateSize(), part => part.Peers.Add(peer));
        else if (peer is null && (before is not null || change.Operation == WriteOperation.Delete)) parts.Add(name.Length, part => part.RemovedPeers.Add(name));
    }

    private HostNetwork HostOf(StoredObject node) => new()
    {
        PodCidr = node.As<Node>().Spec?.PodCidr ?? "",
        ClusterCidr = options.ClusterCidr,
        Backend = options.Backend.ToString().ToLowerInvariant(),
        TunnelMac = TunnelAddress.Of(host),
        ServiceCidr = options.ServiceCidr,
        Masquerade = options.Masquerade,
    };

    /// <summary>Null while the host has no range or no address: nothing there can be reached.</summary>
    private static PeerHost? PeerOf(StoredObject node)
    {
        var (spec, status) = (node.As<Node>().Spec, node.As<Node>().Status);
        var address = status?.Addresses.FirstOrDefault(address => address.Type == "InternalIP")?.Address;
        return spec is not { PodCidr.Length: > 0 } || string.IsNullOrEmpty(address)
            ? null
            : new PeerHost { Name = node.Key.Name, Address = address, PodCidr = spec.PodCidr, TunnelMac = TunnelAddress.Of(node.Key.Name) };
    }
}
