namespace Orchestrator.Scheduler.Tests.Properties;

/// <summary>The reference's rules about what is in the place of a host and in the other places.</summary>
internal sealed class ReferencePlaces(IReadOnlyList<HostView> hosts, WorkloadView workload, NamespaceLabels namespaces)
{
    private const string HostName = "kubernetes.io/hostname";

    public IEnumerable<string> Broken(HostView host)
    {
        if (!SpreadHolds(host)) yield return "TopologySpread";
        if (!AffinityHolds(host)) yield return "PodAffinity";
        if (workload.Traits.AntiAffinity.Any(term => In(Place(host, term.TopologyKey)).Any(other => Means(term, other)))) yield return "PodAntiAffinity";
        if (hosts.Any(place => place.Residents.Any(resident => resident.Traits.AntiAffinity.Any(term =>
            Means(term, workload.Traits) && Place(place, term.TopologyKey) is { } there && there == Place(host, term.TopologyKey)))))
            yield return "OthersAntiAffinity";
    }

    public int[] PreferredPodAffinity(IReadOnlyList<HostView> feasible)
    {
        var sums = feasible.Select(Liking).ToList();
        if (sums.Count == 0) return [];
        var (least, most) = (sums.Min(), sums.Max());
        return sums.Select(sum => most == least ? 0 : (int)(100L * (sum - least) / (most - least))).ToArray();
    }

    public int[] PreferredSpread(IReadOnlyList<HostView> feasible)
    {
        var byDefault = workload.Spread.Count == 0;
        var constraints = workload.Spread.Where(one => !one.Required).ToList();
        if (byDefault && workload.Traits.Owner != "" && !NamesItsHosts())
        {
            constraints = new[] { (HostName, 3), ("topology.kubernetes.io/zone", 5) }
                .Where(one => hosts.Any(host => Place(host, one.Item1) is not null))
                .Select(one => new SpreadConstraint(one.Item1, one.Item2, false, null)).ToList();
        }

        if (constraints.Count == 0) return feasible.Select(_ => 0).ToArray();
        bool Ignored(HostView host) => !byDefault && constraints.Any(one => Place(host, one.TopologyKey) is null);
        var scored = feasible.Where(host => !Ignored(host)).ToList();
        double Sum(HostView host)
        {
            var sum = 0.0;
            foreach (var one in constraints.Where(one => Place(host, one.TopologyKey) is not null))
            {
                var places = one.TopologyKey == HostName
                    ? scored.Count
                    : scored.Select(other => Place(other, one.TopologyKey)).Where(place => place is not null).Distinct().Count();
                var counted = one.TopologyKey == HostName ? hosts : hosts.Where(other => Counts(one, other, byDefault ? [] : constraints));
                var there = counted.Where(other => Place(other, one.TopologyKey) == Place(host, one.TopologyKey)).SelectMany(other => other.Residents);
                sum += there.Count(other => Selected(one, other.Traits, byDefault)) * Math.Log(places + 2) + (one.MaximumSkew - 1);
            }

            return sum;
        }

        var sums = feasible.Select(host => Ignored(host) ? -1 : (long)Math.Round(Sum(host), MidpointRounding.AwayFromZero)).ToList();
        var (most, least) = (sums.Where(sum => sum >= 0).DefaultIfEmpty(0).Max(), sums.Where(sum => sum >= 0).DefaultIfEmpty(0).Min());
        return sums.Select(sum => sum < 0 ? 0 : most == 0 ? 100 : (int)(100 * (most + least - sum) / most)).ToArray();
    }

    private bool SpreadHolds(HostView host)
    {
        var required = workload.Spread.Where(one => one.Required).ToList();
        foreach (var one in required)
        {
            if (Place(host, one.TopologyKey) is not { } mine) return false;
            var counted = hosts.Where(other => Counts(one, other, required)).ToList();
            int At(string place) => counted.Where(other => Place(other, one.TopologyKey) == place)
                .SelectMany(other => other.Residents).Count(other => Selected(one, other.Traits, false));
            var places = counted.Select(other => Place(other, one.TopologyKey)!).Distinct().ToList();
            var least = places.Count == 0 || places.Count < one.MinimumDomains ? 0 : places.Min(At);
            if (At(mine) + (Selected(one, workload.Traits, false) ? 1 : 0) - least > one.MaximumSkew) return false;
        }

        return true;
    }

    private bool AffinityHolds(HostView host)
    {
        var terms = workload.Traits.Affinity;
        if (terms.Count == 0) return true;
        if (terms.Any(term => Place(host, term.TopologyKey) is null)) return false;
        bool MeansAll(WorkloadTraits other) => terms.All(term => Means(term, other));
        if (terms.All(term => In(Place(host, term.TopologyKey)).Any(MeansAll))) return true;
        var anywhere = hosts.Any(other => terms.Any(term => Place(other, term.TopologyKey) is not null) && other.Residents.Any(one => MeansAll(one.Traits)));
        return !anywhere && MeansAll(workload.Traits);
    }

    private int Liking(HostView host)
    {
        var sum = 0;
        foreach (var (weight, term) in workload.Traits.Preferred)
            sum += weight * In(Place(host, term.TopologyKey)).Count(other => Means(term, other));
        foreach (var place in hosts)
        {
            foreach (var resident in place.Residents)
            {
                var wishes = resident.Traits.Preferred.Concat(resident.Traits.Affinity.Select(term => new WeightedTerm(1, term)));
                foreach (var (weight, term) in wishes)
                    if (Place(place, term.TopologyKey) is { } there && there == Place(host, term.TopologyKey) && Means(term, workload.Traits)) sum += weight;
            }
        }

        return sum;
    }

    /// <summary>The host is one that the constraint counts: it has the labels of all, and the workload's own wishes do not rule it out.</summary>
    private bool Counts(SpreadConstraint constraint, HostView host, IReadOnlyList<SpreadConstraint> all) =>
        all.All(one => Place(host, one.TopologyKey) is not null)
        && (!constraint.HonorsAffinity || (ReferenceRules.MatchesSelector(host, workload) && ReferenceRules.MatchesAffinity(host, workload)))
        && (!constraint.HonorsTaints || (ReferenceRules.ToleratesTaints(host, workload) && ReferenceRules.ToleratesCordon(host, workload)));

    private bool Selected(SpreadConstraint constraint, WorkloadTraits other, bool byOwner)
    {
        if (other.Terminating || other.Namespace != workload.Traits.Namespace) return false;
        if (byOwner) return other.Owner == workload.Traits.Owner;
        return constraint.Selection is not null && constraint.Selection.Requirements.All(one => ReferenceRules.Holds(one, other.Labels));
    }

    private bool Means(WorkloadTerm term, WorkloadTraits other) =>
        term.Selection is not null && term.Selection.Requirements.All(one => ReferenceRules.Holds(one, other.Labels))
        && (term.Namespaces.Contains(other.Namespace)
            || (term.NamespaceSelection is not null && term.NamespaceSelection.Requirements.All(one => ReferenceRules.Holds(one, namespaces.Of(other.Namespace)))));

    private bool NamesItsHosts() => workload.NodeName != "" || (workload.RequiredHosts is { Terms.Count: > 0 } hosts
        && hosts.Terms.All(term => term.Names.Any(one => one is { Key: "metadata.name", Operator: LabelOperator.In })));

    private IEnumerable<WorkloadTraits> In(string? place) => place is null
        ? []
        : hosts.Where(host => host.Labels.Any(label => $"{label.Key}={label.Value}" == place)).SelectMany(host => host.Residents).Select(one => one.Traits);

    /// <summary>The label that makes the host's place; null if it has none.</summary>
    private static string? Place(HostView host, string key) =>
        host.Labels.Where(label => label.Key == key).Select(label => $"{label.Key}={label.Value}").FirstOrDefault();
}
