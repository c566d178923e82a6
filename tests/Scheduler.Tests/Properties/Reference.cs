namespace Orchestrator.Scheduler.Tests.Properties;

/// <summary>
/// The scheduler as one would write it on a blackboard: every workload looks at every host, in plain words, with numbers
/// that cannot overflow. Slow on purpose, and shares no code with the scheduler but the views.
/// </summary>
internal sealed class Reference(IEnumerable<HostView> hosts, NamespaceLabels? namespaces = null)
{
    private readonly List<HostView> _hosts = hosts.OrderBy(host => host.Name.Value, StringComparer.Ordinal).ToList();
    private readonly NamespaceLabels _namespaces = namespaces ?? NamespaceLabels.None;

    public IReadOnlyList<HostView> Hosts => _hosts;

    public (List<(string Workload, string Host, int Score)> Placed, List<string> Unplaced) Plan(
        IEnumerable<WorkloadView> pending, IReadOnlyDictionary<string, string>? nominations = null)
    {
        var placed = new List<(string, string, int)>();
        var unplaced = new List<string>();
        var ordered = pending.OrderByDescending(one => one.Priority).ThenBy(one => one.Sequence).ThenBy(one => one.Key).ToList();
        // A group is one step, at the turn of its first member; whoever is alone is a step of his own.
        foreach (var group in ordered.GroupBy(one => one.Gang is null ? one.Key.ToString() : $"gang {one.Key.Namespace} {one.Gang.Name}"))
        {
            var before = _hosts.ToList();
            var steps = group.Select(one => (one.Key.Name, Placed: Place(one))).ToList();
            var found = steps.Count(step => step.Placed is not null);
            if (group.First().Gang is { } gang && (gang.MinimumMembers is not { } minimum || found + gang.Placed < minimum))
            {
                _hosts.Clear();
                _hosts.AddRange(before);
                unplaced.AddRange(steps.Select(step => step.Name));
                continue;
            }

            placed.AddRange(steps.Where(step => step.Placed is not null).Select(step => (step.Name, step.Placed!.Value.Host, step.Placed!.Value.Score)));
            unplaced.AddRange(steps.Where(step => step.Placed is null).Select(step => step.Name));
            foreach (var one in group.Where(one => one.Gang is null && unplaced.Contains(one.Key.Name))) Reserve(one, nominations);
        }

        return (placed, unplaced);
    }

    private (string Host, int Score)? Place(WorkloadView workload)
    {
        var best = Ranked(workload).FirstOrDefault();
        if (best.Host is null) return null;
        Take(best.Host, workload);
        return (best.Host.Name.Value, best.Score);
    }

    /// <summary>Where room is made for a workload, it is gone for those that come after it.</summary>
    private void Reserve(WorkloadView workload, IReadOnlyDictionary<string, string>? nominations)
    {
        if (nominations?.GetValueOrDefault(workload.Key.Name) is { } host) Take(_hosts.Single(one => one.Name.Value == host), workload);
    }

    private void Take(HostView host, WorkloadView workload) => _hosts[_hosts.IndexOf(host)] = host with
    {
        Used = host.Used + workload.Requests,
        Residents = host.Residents.Append(Resident.Of(workload)).ToValueList(),
    };

    public IEnumerable<(HostView Host, int Score, int[] Scores)> Ranked(WorkloadView workload)
    {
        var feasible = _hosts.Where(host => !BrokenRules(host, workload).Any()).ToList();
        var places = new ReferencePlaces(_hosts, workload, _namespaces);
        var liked = places.PreferredPodAffinity(feasible);
        var spread = places.PreferredSpread(feasible);
        return feasible
            .Select((host, at) =>
            {
                int[] scores =
                [
                    ReferenceScores.LeastAllocated(host, workload), ReferenceScores.BalancedAllocation(host, workload),
                    ReferenceScores.PreferredNodeAffinity(host, workload), ReferenceScores.PreferredTaints(host, workload),
                    ReferenceScores.ImageLocality(_hosts, host, workload), ReferenceScores.RingPressure(host), liked[at], spread[at],
                ];
                return (host, scores.Zip(Weights, (score, weight) => score * weight).Sum(), scores);
            })
            .OrderByDescending(entry => entry.Item2).ThenBy(entry => entry.host.Used.Pods);
    }

    /// <summary>The names of the rules that the host breaks, in the order in which a host is counted.</summary>
    public IEnumerable<string> BrokenRules(HostView host, WorkloadView workload) =>
        ReferenceRules.Broken(host, workload).Concat(new ReferencePlaces(_hosts, workload, _namespaces).Broken(host));

    private static readonly int[] Weights = [8, 1, 16, 24, 8, 16, 16, 16];
}
