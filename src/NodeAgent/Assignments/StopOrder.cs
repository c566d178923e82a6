using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Assignments;

/// <summary>
/// In which order the running units of a workload that goes are stopped: all at once, then the sidecars one by one, the
/// last one first, since what came up later leans on what came up before. They share one grace period.
/// </summary>
internal static class StopOrder
{
    /// <summary>What a sidecar gets at least, however long the others took.</summary>
    private static readonly TimeSpan ShortestGrace = TimeSpan.FromSeconds(2);

    /// <param name="desired">Null if nobody knows the object any more: then none of the runs is known for a sidecar's.</param>
    public static IEnumerable<IReadOnlyList<UnitRun>> Groups(DesiredWorkload? desired, WorkloadSnapshot seen)
    {
        var running = seen.Runs.Where(run => run.State == UnitState.Running).ToList();
        var sidecars = desired?.Units.Where(unit => unit.Role == UnitRole.Sidecar).Select(unit => unit.Name).Reverse().ToList() ?? [];
        var groups = sidecars.Select(name => running.Where(run => run.Unit == name).ToList())
            .Prepend([.. running.Where(run => !sidecars.Contains(run.Unit))]);
        return groups.Where(group => group.Count > 0);
    }

    /// <summary>What is left of a grace period; one of zero stays zero, for whoever wants no grace.</summary>
    public static TimeSpan Left(TimeSpan grace, TimeSpan passed)
    {
        var shortest = grace < ShortestGrace ? grace : ShortestGrace;
        return grace - passed > shortest ? grace - passed : shortest;
    }
}
