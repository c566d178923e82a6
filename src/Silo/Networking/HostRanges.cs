using Microsoft.Extensions.Options;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Networking;

/// <summary>
/// Gives each host the range of its pods' addresses. The Node objects are the only books: a range is taken while a Node names it. It is
/// chosen and written on the writer's thread, where nobody else writes meanwhile, so that no two hosts ever have the same.
/// </summary>
internal sealed class HostRanges(Sequencer sequencer, IOptions<NetworkOptions> options)
{
    private static readonly Kind Nodes = KindCatalog.Of<Node>();

    /// <summary>Gives the host a range unless it has one, or there is none left.</summary>
    /// <param name="host">Whose Node exists.</param>
    /// <param name="present">The range that the host's pods are in already, or empty. The host keeps it if nobody else has it.</param>
    /// <param name="cancellation">Ends the waiting, not the write.</param>
    public Task Give(string host, string present, CancellationToken cancellation = default) => sequencer.Commit(cache =>
    {
        if (cache.Find(new ObjectKey(Nodes.Resource, "", host)) is not { } node || Of(node) is not null) return [];
        var taken = cache[Nodes].Current.Objects.Select(Of).OfType<AddressRange>().ToHashSet();
        if (Choose(taken, present, options.Value) is not { } range) return [];
        var given = node.Copy<Node>();
        given.Spec ??= new NodeSpec();
        given.Spec.PodCidr = range.ToString();
        given.Spec.PodCidrs.Add(given.Spec.PodCidr);
        return [Write.Update(node, given)];
    }, cancellation);

    public static AddressRange? Of(StoredObject node) => AddressRange.Parse(node.As<Node>().Spec?.PodCidr ?? "");

    /// <summary>What the host has, if it is free; else the first free part of the cluster's range; null if there is none.</summary>
    public static AddressRange? Choose(IReadOnlySet<AddressRange> taken, string present, NetworkOptions options)
    {
        if (AddressRange.Parse(present) is { } own && !taken.Any(own.Overlaps)) return own;
        var cluster = AddressRange.Parse(options.ClusterCidr)!.Value;
        // Ranges of another size (from before the options changed, or a host's own) are looked at one by one; the usual ones are in the set.
        var odd = taken.Where(range => range.PrefixLength != options.HostPrefixLength).ToArray();
        for (long index = 0; index < cluster.PartsOf(options.HostPrefixLength); index++)
        {
            var part = cluster.Part(index, options.HostPrefixLength);
            if (!taken.Contains(part) && !odd.Any(part.Overlaps)) return part;
        }

        return null;
    }
}
