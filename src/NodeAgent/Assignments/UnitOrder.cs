using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Assignments;

/// <summary>
/// Whose turn it is among the units of a workload, by Kubernetes' rules for init containers and sidecars:
/// <code>
///   init 1 (to its success) -> sidecar 2 (until it has started) -> init 3 -> main units, all at once
///   main units have ended for good -> the sidecars end, the last one first -> finished
/// </code>
/// A deadline that has passed ends the init and main units, too. Once a main unit has begun, nothing is held back any more: what ends is restarted by its own policy. A new
/// environment begins at the front, since what init units prepared went with the old one.
/// </summary>
internal static class UnitOrder
{
    public static UnitStep Decide(DesiredUnit unit, DesiredWorkload workload, WorkloadSnapshot seen, DateTimeOffset now)
    {
        if (HasEnded(workload, seen, now)) return AtTheEnd(unit, workload, seen);
        if (IsOverdue(workload, seen, now)) return unit.Role != UnitRole.Sidecar ? Cut(seen.Latest(unit.Name)) : UnitStep.Nothing;
        if (unit.Role != UnitRole.Init && HasBegun(workload, seen)) return ByPolicy(unit, workload, seen, now);
        if (workload.Units.TakeWhile(other => other != unit).Any(other => other.Role != UnitRole.Main && !IsPassed(other, workload, seen))) return UnitStep.Nothing;
        return IsPassed(unit, workload, seen) && unit.Role == UnitRole.Init ? UnitStep.Nothing : ByPolicy(unit, workload, seen, now);
    }

    /// <summary>Nothing of it runs, and nothing will.</summary>
    public static bool IsFinished(DesiredWorkload workload, WorkloadSnapshot seen, DateTimeOffset now)
        => HasEnded(workload, seen, now) && seen.Runs.All(run => run.State != UnitState.Running);

    /// <summary>It had not ended by itself when its deadline passed.</summary>
    public static bool IsOverdue(DesiredWorkload workload, WorkloadSnapshot seen, DateTimeOffset now)
        => workload.Deadline(seen) is { } deadline && deadline <= now && !(EndsByItself(workload, seen, now)
            && workload.Units.All(unit => unit.Role == UnitRole.Sidecar || !(seen.Latest(unit.Name)?.FinishedAt > deadline)));

    /// <summary>All init units have succeeded and all sidecars have started, or it is over already.</summary>
    public static bool IsInitialized(DesiredWorkload workload, WorkloadSnapshot seen, DateTimeOffset now)
        => MainsHaveEnded(workload, seen, now) || workload.Units.All(unit => unit.Role == UnitRole.Main || IsPassed(unit, workload, seen));

    /// <summary>What comes after it may start.</summary>
    public static bool IsPassed(DesiredUnit unit, DesiredWorkload workload, WorkloadSnapshot seen)
    {
        if (HasBegun(workload, seen)) return true;
        if (seen.Latest(unit.Name) is not { InEnvironment: true } run) return false;
        return unit.Role == UnitRole.Sidecar ? run is { State: UnitState.Running, Started: true } : run is { State: UnitState.Exited, ExitCode: 0 };
    }

    private static bool HasBegun(DesiredWorkload workload, WorkloadSnapshot seen)
        => Mains(workload).Any(unit => seen.Latest(unit.Name) is { InEnvironment: true });

    private static bool HasEnded(DesiredWorkload workload, WorkloadSnapshot seen, DateTimeOffset now)
        => EndsByItself(workload, seen, now) || (IsOverdue(workload, seen, now) && workload.Units.All(
            unit => unit.Role == UnitRole.Sidecar || seen.Latest(unit.Name) is not { State: UnitState.Running }));

    /// <summary>No main unit runs again, or none will ever run because an init unit failed for good.</summary>
    private static bool EndsByItself(DesiredWorkload workload, WorkloadSnapshot seen, DateTimeOffset now)
        => MainsHaveEnded(workload, seen, now) || (workload.Restart == RestartPolicy.Never && workload.Units.Any(
            unit => unit.Role == UnitRole.Init && seen.Latest(unit.Name) is { State: UnitState.Exited, ExitCode: not 0 }));

    private static bool MainsHaveEnded(DesiredWorkload workload, WorkloadSnapshot seen, DateTimeOffset now)
        => Mains(workload).All(unit => seen.Latest(unit.Name) is { State: UnitState.Exited } && ByPolicy(unit, workload, seen, now) is UnitStep.Leave);

    private static UnitStep Cut(UnitRun? last) => last is { State: UnitState.Running } ? new UnitStep.Stop(last, "its pod's deadline has passed") : UnitStep.Nothing;

    private static UnitStep AtTheEnd(DesiredUnit unit, DesiredWorkload workload, WorkloadSnapshot seen)
    {
        var last = workload.Units.LastOrDefault(other => other.Role != UnitRole.Main && seen.Latest(other.Name) is { State: UnitState.Running });
        return last is not null && last == unit ? new UnitStep.Stop(seen.Latest(unit.Name)!, "the pod has ended") : UnitStep.Nothing;
    }

    private static UnitStep ByPolicy(DesiredUnit unit, DesiredWorkload workload, WorkloadSnapshot seen, DateTimeOffset now)
    {
        var last = seen.Latest(unit.Name);
        // Its success counts only where it happened.
        if (unit.Role == UnitRole.Init && last is { State: UnitState.Exited, ExitCode: 0, InEnvironment: false }) return new UnitStep.Start(last.Attempt + 1, 0);
        return RestartRule.Decide(unit, last, PolicyOf(unit, workload.Restart), now);
    }

    private static RestartPolicy PolicyOf(DesiredUnit unit, RestartPolicy workload) => unit.Role switch
    {
        UnitRole.Sidecar => RestartPolicy.Always,
        UnitRole.Init when workload == RestartPolicy.Always => RestartPolicy.OnFailure,
        _ => workload,
    };

    private static IEnumerable<DesiredUnit> Mains(DesiredWorkload workload) => workload.Units.Where(unit => unit.Role == UnitRole.Main);
}
