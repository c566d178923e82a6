using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;
using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Feasibility;

/// <summary>The rules in the order in which a removed host is counted: what no workload can change comes first.</summary>
internal static class FeasibilityRules
{
    private static readonly NodeSelector Selector = new();
    private static readonly NodeAffinity Affinity = new();
    private static readonly Unschedulable Cordon = new();
    private static readonly Taints Taints = new();

    public static readonly FeasibilityRule[] All =
    [
        new SchedulingGates(), new HostReady(), Cordon, new NodeName(), Selector, Affinity, Taints, new RuntimeClass(), new GuestArchitecture(),
        new HostPorts(), new Resources(), new TopologySpread(), new PodAffinity(), new PodAntiAffinity(), new OthersAntiAffinity(),
    ];

    private static readonly PlaceRule[] Places = All.OfType<PlaceRule>().ToArray();
    private static readonly FeasibilityRule[] Lasting = All.Where(rule => !rule.FollowsUse).ToArray();
    private static readonly FeasibilityRule[] Passing = All.Where(rule => rule.FollowsUse).Except(Places).ToArray();

    /// <summary>The hosts that pass every rule whose verdict no placement changes.</summary>
    public static ulong Candidates(HostBlock block, CompiledWorkload workload, ulong among) => Pass(Lasting, block, workload, among);

    /// <summary>Of the candidates, those that have room now.</summary>
    public static ulong WithRoom(HostBlock block, CompiledWorkload workload, ulong candidates) =>
        Pass(Passing, block, workload, candidates);

    /// <summary>What is in the other places lets the workload go to the hosts of the group.</summary>
    public static bool AllowPlace(Neighborhood neighborhood, int group)
    {
        foreach (var rule in Places)
            if (!rule.Allows(neighborhood, group)) return false;
        return true;
    }

    /// <summary>Of these hosts, those that the workload's selector and node affinity mean.</summary>
    public static ulong ByAffinity(HostBlock block, CompiledWorkload workload, ulong among) => Pass([Selector, Affinity], block, workload, among);

    /// <summary>Of these hosts, those whose taints the workload tolerates.</summary>
    public static ulong ByTaints(HostBlock block, CompiledWorkload workload, ulong among) => Pass([Cordon, Taints], block, workload, among);

    private static ulong Pass(ReadOnlySpan<FeasibilityRule> rules, HostBlock block, CompiledWorkload workload, ulong hosts)
    {
        foreach (var rule in rules)
        {
            if (hosts == 0) break;
            hosts &= ~rule.Removes(block, workload, hosts);
        }

        return hosts;
    }
}
