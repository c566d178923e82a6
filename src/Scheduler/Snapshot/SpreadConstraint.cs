namespace Orchestrator.Scheduler;

/// <summary>
/// How evenly workloads spread over the places of one topology. <paramref name="Selection"/> chooses among the workloads of the same
/// namespace. <paramref name="HonorsAffinity"/>: hosts that the workload's selector and node affinity rule out are not counted;
/// <paramref name="HonorsTaints"/>: nor are hosts whose taints it does not tolerate.
/// </summary>
public sealed record SpreadConstraint(
    string TopologyKey, int MaximumSkew, bool Required, Selection? Selection, int MinimumDomains = 1, bool HonorsAffinity = true, bool HonorsTaints = false)
{
    public override string ToString() => $"{Selection?.ToString() ?? "nothing"} per {TopologyKey}, at most {MaximumSkew} apart";
}
