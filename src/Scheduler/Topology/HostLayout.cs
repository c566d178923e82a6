using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Topology;

/// <summary>
/// What stays as it is while only workloads come and go: the order of the hosts' names and the places that their labels make. Snapshots
/// that differ in nothing else share one layout, and each part of it is made when it is first asked for.
/// </summary>
internal sealed class HostLayout
{
    private readonly Lock _making = new();
    private readonly Dictionary<string, HostTopology> _topologies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HostGroups> _groups = new(StringComparer.Ordinal);
    private HostNames? _names;

    public HostNames Names(HostBlock[] blocks)
    {
        lock (_making) return _names ??= HostNames.Of(blocks);
    }

    public HostTopology Topology(string key, HostBlock[] blocks, Label[] labels)
    {
        lock (_making)
        {
            if (!_topologies.TryGetValue(key, out var topology)) _topologies.Add(key, topology = HostTopology.Of(key, blocks, labels));
            return topology;
        }
    }

    /// <summary>The groups by these topologies; by none, all hosts are one group.</summary>
    public HostGroups Groups(HostTopology[] topologies, HostBlock[] blocks)
    {
        lock (_making)
        {
            var name = string.Join('\n', topologies.Select(topology => topology.Key));
            if (!_groups.TryGetValue(name, out var groups))
                _groups.Add(name, groups = HostGroups.Of(topologies, _names ??= HostNames.Of(blocks), blocks.Length * HostBlock.Size));
            return groups;
        }
    }
}
