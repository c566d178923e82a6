using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Assignments;

/// <summary>What is to be done about one unit now.</summary>
internal abstract record UnitStep
{
    /// <summary>It is as it shall be.</summary>
    internal sealed record Leave : UnitStep;

    internal sealed record Start(int Attempt, int BackOffStep) : UnitStep;

    internal sealed record Wait(UnitRun Run, DateTimeOffset Until, TimeSpan Delay) : UnitStep;

    internal sealed record Stop(UnitRun Run, string Why, TimeSpan? Grace = null) : UnitStep;

    public static readonly UnitStep Nothing = new Leave();

    /// <summary>Whether the unit runs or is about to: what it needs must be there.</summary>
    public bool NeedsEnvironment(UnitRun? run) => this is Start || run?.State == UnitState.Running;
}

/// <summary>
/// When a unit runs again. The first restart is at once, the next after 10 s, then double, at most 5 min; a run of
/// more than 10 min starts over. All of it follows from the last run alone, so that an agent's death changes nothing.
/// </summary>
internal static class RestartRule
{
    public static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan ResetAfter = TimeSpan.FromMinutes(10);

    public static UnitStep Decide(DesiredUnit unit, UnitRun? last, RestartPolicy policy, DateTimeOffset now)
    {
        if (policy == RestartPolicy.Halted)
            return last?.State == UnitState.Running ? new UnitStep.Stop(last, "it is to be halted") : UnitStep.Nothing;
        if (last is null) return new UnitStep.Start(0, 0);
        return last.State switch
        {
            UnitState.Created => new UnitStep.Start(last.Attempt, last.BackOffStep),
            UnitState.Running when last.Image.Length > 0 && last.Image != unit.Image
                => new UnitStep.Stop(last, $"its image changed from {last.Image} to {unit.Image}"),
            UnitState.Running when last.Fault is { } fault => new UnitStep.Stop(last, fault.Why, fault.Grace),
            UnitState.Running => UnitStep.Nothing,
            _ => AfterExit(unit, last, policy, now),
        };
    }

    /// <summary>The delay after a run that was the <paramref name="step"/>th restart in a row.</summary>
    public static TimeSpan Delay(int step)
        => step <= 0 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(FirstDelay.Ticks << Math.Min(step - 1, 10), LongestDelay.Ticks));

    private static UnitStep AfterExit(DesiredUnit unit, UnitRun last, RestartPolicy policy, DateTimeOffset now)
    {
        var imageChanged = last.Image.Length > 0 && last.Image != unit.Image;
        var again = policy == RestartPolicy.Always || (policy == RestartPolicy.OnFailure && last.ExitCode != 0);
        if (!again) return UnitStep.Nothing;
        var ranLong = last.FinishedAt - last.StartedAt > ResetAfter;
        var delay = ranLong || imageChanged ? TimeSpan.Zero : Delay(last.BackOffStep);
        var until = (last.FinishedAt ?? now) + delay;
        return until > now
            ? new UnitStep.Wait(last, until, delay)
            : new UnitStep.Start(last.Attempt + 1, ranLong || imageChanged ? 1 : last.BackOffStep + 1);
    }
}
