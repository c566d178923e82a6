using System.Text;
using Orchestrator.Contracts.Ids;

namespace Orchestrator.Scheduler;

/// <summary>
/// Why a workload can or cannot go to each host. <paramref name="Removals"/> holds the rules that removed a host, in the
/// order of the rules; <paramref name="Nearest"/> the hosts that lack the least; <paramref name="Feasible"/> the best hosts
/// that can take it, the best first.
/// </summary>
public sealed record Explanation(
    int Hosts, int FeasibleHosts, ValueList<RuleRemoval> Removals, ValueList<NearestHost> Nearest, ValueList<RankedHost> Feasible)
{
    private const int ReasonsInSummary = 6;

    /// <summary>What can happen that may open a host; a new host always may, unless the workload itself is held back.</summary>
    public ClusterEvents HelpedBy { get; init; } = ClusterEvents.HostChanged;

    /// <summary>One sentence as in kubectl's FailedScheduling event, with what is missing and where the least is missing.</summary>
    public string Summary
    {
        get
        {
            if (Hosts == 0) return "0/0 hosts are available: no host has joined the cluster.";
            var text = new StringBuilder($"{FeasibleHosts}/{Hosts} hosts are available");
            var reasons = Removals.Reverse().SelectMany(removal => removal.Reasons).ToList();
            text.Append(reasons.Count == 0 ? "" : ": ").AppendJoin(", ", reasons.Take(ReasonsInSummary).Select(reason => reason.Summary));
            var more = Removals.Sum(removal => removal.DistinctReasons) - ReasonsInSummary;
            if (more > 0) text.Append($", and {more} more {(more == 1 ? "reason" : "reasons")}");
            return text.Append('.').ToString();
        }
    }
}

/// <summary>
/// The hosts that one rule removed, each counted by the first rule that it does not meet. A host may count under several
/// of a rule's reasons: it may lack both CPU and memory. <paramref name="Reasons"/> holds those that concern most hosts, of
/// <paramref name="DistinctReasons"/> in all.
/// </summary>
public sealed record RuleRemoval(string Rule, int Hosts, int DistinctReasons, ValueList<RemovalReason> Reasons);

/// <summary>One reason and how many hosts it removed. <paramref name="Detail"/>: the words or the figures of the nearest of them.</summary>
public sealed record RemovalReason(string Reason, int Hosts, HostName Nearest, string Detail)
{
    internal string Summary => Detail.Length == 0 ? $"{Hosts} {Reason}" : $"{Hosts} {Reason} ({Detail})";
}

/// <summary>A host that cannot take the workload, and all that it lacks.</summary>
public sealed record NearestHost(HostName Host, ValueList<Lack> Lacks);

/// <summary>
/// One thing that a host lacks for a workload. <paramref name="Detail"/> is the host's own message, if it has one;
/// <paramref name="Shortage"/> the amounts, if it is a resource.
/// </summary>
public sealed record Lack(string Rule, string Reason, string Detail, Shortage? Shortage)
{
    /// <summary>What would make this host take the workload, were it all that it lacks.</summary>
    public string Remedy { get; init; } = "";

    public override string ToString() =>
        Shortage is { } shortage ? $"{Reason}: {shortage}" : Detail.Length == 0 ? Reason : $"{Reason}: {Detail}";
}

/// <summary>
/// Too little of a resource: CPU in thousandths of a core, memory and storage in bytes, anything else in units.
/// <paramref name="Free"/> is below zero on a host that has given out more than it has.
/// </summary>
public sealed record Shortage(string Resource, long Requested, long Free, long Allocatable)
{
    /// <summary>The most that the workload could request there; 0 if nothing. A machine's CPUs are whole ones.</summary>
    public long Room { get; init; } = Math.Max(0, Free);

    internal string Remedy
    {
        get
        {
            if (Resource == ResourceNames.Pods) return "end a workload there";
            var lower = Room > 0 ? $"request at most {AmountText.Exact(Resource, Room)} of {Resource}" : "";
            var free = Requested <= Allocatable ? $"free {AmountText.Exact(Resource, Requested - Free)} of {Resource} there" : "";
            return (lower.Length, free.Length) switch
            {
                (0, 0) => $"nothing helps: the host has {AmountText.Of(Resource, Allocatable)} of {Resource} in all",
                (0, _) => free,
                (_, 0) => lower,
                _ => $"{lower}, or {free}",
            };
        }
    }

    public override string ToString()
    {
        var (needs, has) = AmountText.Apart(Resource, Requested, Free);
        return $"needs {needs}, has {has} of {AmountText.Of(Resource, Allocatable)} free";
    }
}

/// <summary>A host that can take the workload, with its score by every ranking rule.</summary>
public sealed record RankedHost(HostName Host, int Score, ValueList<RuleScore> Scores);

/// <summary>A rule's score from 0 to 100; it counts <paramref name="Weight"/> times in the sum.</summary>
public sealed record RuleScore(string Rule, int Score, int Weight);
