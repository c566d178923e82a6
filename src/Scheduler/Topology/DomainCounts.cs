using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Topology;

/// <summary>
/// How many workloads of one kind are in each place of a topology, kept while a plan is made. What kind that is, the weights say: by
/// the number of its traits, how much one workload counts.
/// </summary>
internal sealed class DomainCounts
{
    private readonly HostTopology _topology;
    private readonly int[] _weights;
    private readonly ulong[]? _hosts;
    private readonly int[] _domainOfGroup;
    private readonly int[] _counts;

    /// <summary>Counts the workloads of the snapshot that the draft began with.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="groups">Made of some topologies.</param>
    /// <param name="topology">Which of them.</param>
    /// <param name="weights">By traits.</param>
    /// <param name="hosts">By block, the hosts that are counted; null: all.</param>
    public DomainCounts(Draft draft, HostGroups groups, int topology, int[] weights, ulong[]? hosts = null)
    {
        _topology = groups.Topologies[topology];
        _domainOfGroup = groups.Domains[topology];
        _weights = weights;
        _hosts = hosts;
        _counts = new int[_topology.Values.Count];
        for (var traits = 0; traits < weights.Length; traits++)
        {
            if (weights[traits] == 0) continue;
            foreach (var (slot, count) in draft.TraitHosts.Of(traits)) Add(slot, traits, count);
        }
    }

    public string Key => _topology.Key;

    /// <summary>The sum over all places.</summary>
    public long Total { get; private set; }

    /// <summary>Grows with every change.</summary>
    public int Version { get; private set; }

    /// <summary>By place.</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>By group, its place; below 0 if its hosts have none.</summary>
    public ReadOnlySpan<int> DomainOfGroup => _domainOfGroup;

    public string Value(int group) => _domainOfGroup[group] is >= 0 and var domain ? _topology.Values[domain] : "";

    /// <summary>The count where the group is; 0 if its hosts have no place.</summary>
    public int At(int group) => _domainOfGroup[group] is >= 0 and var domain ? _counts[domain] : 0;

    public bool Has(int group) => _domainOfGroup[group] >= 0;

    public void Add(int slot, int traits, int by)
    {
        var weight = _weights[traits];
        var domain = _topology.DomainOf[slot];
        if (weight == 0 || domain < 0) return;
        if (_hosts is not null && (_hosts[slot / HostBlock.Size] >> slot % HostBlock.Size & 1) == 0) return;
        _counts[domain] += weight * by;
        Total += (long)weight * by;
        Version++;
    }
}
