namespace Orchestrator.Scheduler;

/// <summary>
/// The PodGroup of a workload: its members are of use only together. <paramref name="Placed"/> have a host already;
/// <paramref name="MinimumMembers"/> is null if there is no such group (yet).
/// </summary>
public sealed record Gang(string Name, int? MinimumMembers, int Placed);
