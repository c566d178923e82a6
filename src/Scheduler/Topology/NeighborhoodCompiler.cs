using Orchestrator.Scheduler.Feasibility;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Topology;

/// <summary>Finds out which workloads concern a class, by their traits, and in which topologies.</summary>
internal sealed class NeighborhoodCompiler(CompiledWorkload workload, Draft draft)
{
    private readonly WorkloadTraits _own = workload.Shape.Traits;
    private readonly WorkloadTraits[] _traits = draft.Traits;
    private (Selection? Selection, int[] Weights)? _selected;

    public Neighborhood? Compile()
    {
        var others = OthersAntiAffinity();
        var preferred = Preferred();
        var (constraints, byDefault) = Constraints();
        if (_own.Affinity.Count + _own.AntiAffinity.Count + others.Count + preferred.Count + constraints.Count == 0) return null;

        var keys = _own.Affinity.Concat(_own.AntiAffinity).Select(term => term.TopologyKey)
            .Concat(others.Keys).Concat(preferred.Keys).Concat(constraints.Select(one => one.TopologyKey))
            .Distinct().Order(StringComparer.Ordinal).ToArray();
        var groups = draft.Groups(keys);
        var together = _own.Affinity.Count > 0 ? Weights(other => MatchesAll(_own.Affinity, other)) : [];
        return new Neighborhood(
            groups,
            _own.Affinity.Select(term => Counts(term.TopologyKey, together)).ToArray(),
            MatchesAll(_own.Affinity, _own),
            _own.AntiAffinity.Select(term => Counts(term.TopologyKey, Weights(other => term.Matches(other, draft.Namespaces)))).ToArray(),
            others.Select(entry => Counts(entry.Key, entry.Value)).ToArray(),
            preferred.Select(entry => Counts(entry.Key, entry.Value)).ToArray(),
            Spread(constraints.Where(one => one.Required).ToList(), needsAllKeys: true, byDefault),
            Spread(constraints.Where(one => !one.Required).ToList(), !byDefault, byDefault),
            !byDefault);

        DomainCounts Counts(string key, int[] weights, ulong[]? hosts = null) => new(draft, groups, Array.IndexOf(keys, key), weights, hosts);

        SpreadCounts[] Spread(List<SpreadConstraint> those, bool needsAllKeys, bool ownerOnly)
        {
            var labelled = those.Count == 0 || !needsAllKeys ? null : WithAllKeys(groups, those, keys);
            return those.Select(one =>
            {
                var hosts = Counted(one, labelled);
                // What a host counts for itself, it counts whatever the constraint says of hosts: as Kubernetes scores hosts.
                var onHosts = !one.Required && one.TopologyKey == HostTopology.HostNameKey;
                var counts = Counts(one.TopologyKey, SelectedBy(one, ownerOnly), onHosts ? null : hosts);
                return new SpreadCounts(one, counts, groups.Topologies[Array.IndexOf(keys, one.TopologyKey)], hosts, Selects(one, _own, ownerOnly));
            }).ToArray();
        }
    }

    /// <summary>Constraints over several topologies mostly select the same workloads.</summary>
    private int[] SelectedBy(SpreadConstraint constraint, bool ownerOnly)
    {
        if (_selected is { } last && last.Selection == constraint.Selection) return last.Weights;
        _selected = (constraint.Selection, Weights(other => Selects(constraint, other, ownerOnly)));
        return _selected.Value.Weights;
    }

    private int[] Weights(Func<WorkloadTraits, bool> counts)
    {
        var weights = new int[_traits.Length];
        for (var id = 0; id < weights.Length; id++) weights[id] = counts(_traits[id]) ? 1 : 0;
        return weights;
    }

    private bool MatchesAll(ValueList<WorkloadTerm> terms, WorkloadTraits other)
    {
        foreach (var term in terms)
            if (!term.Matches(other, draft.Namespaces)) return false;
        return true;
    }

    private SortedDictionary<string, int[]> OthersAntiAffinity()
    {
        var weights = new SortedDictionary<string, int[]>(StringComparer.Ordinal);
        foreach (var id in draft.TraitsWithTerms)
            foreach (var term in _traits[id].AntiAffinity)
                if (term.Matches(_own, draft.Namespaces)) Add(weights, term.TopologyKey, id, 1);
        return weights;
    }

    /// <summary>
    /// A preference counts for both sides, as in Kubernetes: what the class wants of others and what they want of it; a requirement of
    /// theirs that the class meets counts as a preference of weight one.
    /// </summary>
    private SortedDictionary<string, int[]> Preferred()
    {
        var weights = new SortedDictionary<string, int[]>(StringComparer.Ordinal);
        foreach (var id in draft.TraitsWithTerms)
        {
            foreach (var (weight, term) in _traits[id].Preferred)
                if (term.Matches(_own, draft.Namespaces)) Add(weights, term.TopologyKey, id, weight);
            foreach (var term in _traits[id].Affinity)
                if (term.Matches(_own, draft.Namespaces)) Add(weights, term.TopologyKey, id, 1);
        }

        foreach (var (weight, term) in _own.Preferred)
            for (var id = 0; id < _traits.Length; id++)
                if (term.Matches(_traits[id], draft.Namespaces)) Add(weights, term.TopologyKey, id, weight);
        return weights;
    }

    private void Add(SortedDictionary<string, int[]> weights, string key, int id, int weight)
    {
        if (!weights.TryGetValue(key, out var own)) weights.Add(key, own = new int[_traits.Length]);
        own[id] += weight;
    }

    private (List<SpreadConstraint> Constraints, bool ByDefault) Constraints()
    {
        if (workload.Shape.Spread.Count > 0) return ([.. workload.Shape.Spread], false);
        // What names its hosts has no choice to spread.
        if (_own.Owner.Length == 0 || workload.Named is not null) return ([], true);
        return (DefaultSpread.Constraints.Where(one => draft.Topology(one.TopologyKey).Values.Count > 0).ToList(), true);
    }

    private bool Selects(SpreadConstraint constraint, WorkloadTraits other, bool ownerOnly)
    {
        if (other.Terminating || other.Namespace != _own.Namespace) return false;
        return ownerOnly ? other.Owner == _own.Owner : constraint.Selection?.Selects(other.Labels) == true;
    }

    private ulong[] WithAllKeys(HostGroups groups, List<SpreadConstraint> constraints, string[] keys)
    {
        var needed = constraints.Select(one => Array.IndexOf(keys, one.TopologyKey)).ToArray();
        var hosts = new ulong[draft.Blocks.Length];
        for (var slot = 0; slot < groups.GroupOf.Length; slot++)
        {
            if (groups.GroupOf[slot] is var group && group >= 0 && Array.TrueForAll(needed, topology => groups.Domains[topology][group] >= 0))
                hosts[slot / HostBlock.Size] |= 1UL << slot % HostBlock.Size;
        }

        return hosts;
    }

    /// <summary>The hosts that a constraint counts: those with all labels that the workload's own wishes do not rule out.</summary>
    private ulong[] Counted(SpreadConstraint constraint, ulong[]? labelled)
    {
        var hosts = new ulong[draft.Blocks.Length];
        for (var at = 0; at < hosts.Length; at++)
        {
            var block = draft.Blocks[at];
            var counted = labelled is null ? block.Present : labelled[at];
            if (constraint.HonorsAffinity) counted = FeasibilityRules.ByAffinity(block, workload, counted);
            if (constraint.HonorsTaints) counted = FeasibilityRules.ByTaints(block, workload, counted);
            hosts[at] = counted;
        }

        return hosts;
    }
}
