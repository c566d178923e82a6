using Orchestrator.Scheduler.Planning;

namespace Orchestrator.Scheduler.Topology;

/// <summary>
/// What a class of workloads must know of the others: how many of those that concern it are in each place. It exists only for a class
/// that says something about others, or about which others say something.
/// </summary>
internal sealed class Neighborhood
{
    private readonly DomainCounts[] _all;
    private int _read;

    public Neighborhood(
        HostGroups groups, DomainCounts[] affinity, bool matchesItself, DomainCounts[] antiAffinity, DomainCounts[] othersAntiAffinity,
        DomainCounts[] preferred, SpreadCounts[] requiredSpread, SpreadCounts[] preferredSpread, bool spreadNeedsAllKeys)
    {
        Groups = groups;
        Affinity = affinity;
        MatchesItself = matchesItself;
        AntiAffinity = antiAffinity;
        OthersAntiAffinity = othersAntiAffinity;
        Preferred = preferred;
        RequiredSpread = requiredSpread;
        PreferredSpread = preferredSpread;
        SpreadNeedsAllKeys = spreadNeedsAllKeys;
        _all =
        [
            .. affinity, .. antiAffinity, .. othersAntiAffinity, .. preferred,
            .. requiredSpread.Select(spread => spread.Counts), .. preferredSpread.Select(spread => spread.Counts),
        ];
    }

    public HostGroups Groups { get; }

    /// <summary>For each term of its own affinity, the workloads that all of the terms select.</summary>
    public DomainCounts[] Affinity { get; }

    /// <summary>Its own affinity selects it too: the first of its kind may go anywhere.</summary>
    public bool MatchesItself { get; }

    /// <summary>For each term of its own anti-affinity, the workloads that it selects.</summary>
    public DomainCounts[] AntiAffinity { get; }

    /// <summary>For each topology, the terms of others' anti-affinity that select it.</summary>
    public DomainCounts[] OthersAntiAffinity { get; }

    /// <summary>For each topology, the weights of its own and of others' preferences.</summary>
    public DomainCounts[] Preferred { get; }

    public SpreadCounts[] RequiredSpread { get; }

    public SpreadCounts[] PreferredSpread { get; }

    /// <summary>A host without one of the preferred spread's labels scores nothing; the spread by default is not so strict.</summary>
    public bool SpreadNeedsAllKeys { get; }

    /// <summary>A placement elsewhere may open hosts to the class, not only close them.</summary>
    public bool MayOpen => Affinity.Length + RequiredSpread.Length > 0;

    /// <summary>Something of what others are forbids places; otherwise it only makes some of them better.</summary>
    public bool Restricts => Affinity.Length + AntiAffinity.Length + OthersAntiAffinity.Length + RequiredSpread.Length > 0;

    /// <summary>Counts what the draft has placed and taken back since the last time.</summary>
    public void CatchUp(Draft draft)
    {
        for (; _read < draft.Changes.Count; _read++)
        {
            var change = draft.Changes[_read];
            Shift(change.Slot, change.Traits, change.By);
        }
    }

    /// <summary>Counts a workload more, or less, on one host.</summary>
    public void Shift(int slot, int traits, int by)
    {
        foreach (var counts in _all) counts.Add(slot, traits, by);
    }

    /// <summary>The classes for which there is nothing to know have none.</summary>
    public static Neighborhood? Of(CompiledWorkload workload, Draft draft) => new NeighborhoodCompiler(workload, draft).Compile();
}
