using Orchestrator.Contracts.Ids;

namespace Orchestrator.Scheduler;

/// <summary>
/// What to do with a batch of pending workloads, in the order in which they were planned. A workload for which room is made is among the
/// unplaced ones as well: it gets its host when the others are gone.
/// </summary>
public sealed record Plan(IReadOnlyList<Placement> Placements, IReadOnlyList<Unplaced> Unplaced, IReadOnlyList<Nomination> Nominations);

/// <summary>Bind the workload to the host. A higher score is better; scores of one workload can be compared.</summary>
public sealed record Placement(WorkloadView Workload, HostName Host, int Score);

/// <summary>The workload fits nowhere, and why. Workloads that differ only by name share one explanation.</summary>
public sealed record Unplaced(WorkloadView Workload, Explanation Explanation, GangShortfall? Shortfall = null)
{
    /// <summary>What can happen that may help: what helps its fellows helps a member of a group too.</summary>
    public ClusterEvents HelpedBy => Shortfall is null ? Explanation.HelpedBy : ClusterEvents.Anything;

    /// <summary>In a user's words.</summary>
    public string Reason => Shortfall?.ToString() ?? Explanation.Summary;
}

/// <summary>
/// Room for the workload is made on the host by ending the victims, or is becoming free there already: then there are none.
/// </summary>
public sealed record Nomination(WorkloadView Workload, HostName Host, ValueList<Resident> Victims);
