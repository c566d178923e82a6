using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Assignments.Hooks;

/// <summary>The power of a machine that runs: cycles it once for each id that its object names, and makes it stand still or go on.</summary>
internal sealed class PowerHook : IWorkloadHook
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    public string Name => "power";

    public async Task<HookResult> EnsureAsync(WorkloadContext context, CancellationToken cancellation)
    {
        if (context is not { Driver: IPowerControl power, Desired.Power: { } desired } || context.Desired.Restart == RestartPolicy.Halted) return HookResult.Done;
        if (!Runs(context, out var seen)) return HookResult.Done;
        if (desired.Cycle is { } cycle && cycle.Id != seen.CycleId)
        {
            context.Normal(cycle.Type == "Reset" ? "Resetting" : "Restarting", cycle.Type == "Reset" ? "The machine is ended and started anew" : "The machine shuts down and is started anew");
            var outcome = await power.CyclePowerAsync(context.Desired, cycle, cancellation);
            await RefreshAsync(context, cancellation);
            if (outcome.Failed)
            {
                context.Warn("Failed", $"Error: {outcome.Message}");
                return HookResult.DoneUntil(context.Now + RetryAfter);
            }
        }

        if (Runs(context, out seen) && desired.Paused != seen.Paused)
        {
            await (desired.Paused ? power.PauseAsync(context.Id, cancellation) : power.ResumeAsync(context.Id, cancellation));
            context.Normal(desired.Paused ? "Paused" : "Resumed", desired.Paused ? "The machine stands still" : "The machine goes on");
            await RefreshAsync(context, cancellation);
        }

        return HookResult.Done;
    }

    public Task TeardownAsync(WorkloadContext context, CancellationToken cancellation) => Task.CompletedTask;

    private static bool Runs(WorkloadContext context, out SeenPower seen)
    {
        seen = context.Snapshot.Power!;
        return seen is not null && context.Snapshot.Latest(DesiredWorkload.MachineUnit) is { State: UnitState.Running };
    }

    private static async Task RefreshAsync(WorkloadContext context, CancellationToken cancellation)
    {
        await context.RefreshAsync(cancellation);
        context.Publish();
    }
}
