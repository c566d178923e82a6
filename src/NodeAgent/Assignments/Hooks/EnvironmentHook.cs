using Orchestrator.NodeAgent.Connection;
using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Assignments.Hooks;

/// <summary>What the units share: the sandbox of a pod. A lost one is cleared and made anew if anything is to run in it.</summary>
internal sealed class EnvironmentHook(StepGate gate, Random random) : IWorkloadHook
{
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), random);
    private DateTimeOffset _notBefore;

    public string Name => "environment";

    public async Task<HookResult> EnsureAsync(WorkloadContext context, CancellationToken cancellation)
    {
        if (context.Snapshot.Environment == EnvironmentState.Ready) return HookResult.Done;
        if (context.Snapshot.Environment == EnvironmentState.Lost && context.Snapshot.Runs.Any(run => run.State == UnitState.Running))
        {
            context.Normal("SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
            await context.Driver.ReleaseAsync(context.Snapshot, cancellation);
            await context.RefreshAsync(cancellation);
        }

        if (!IsNeeded(context)) return HookResult.Done;
        if (context.Now < _notBefore) return HookResult.Blocked(_notBefore);
        var outcome = await gate.RunAsync(token => context.Driver.PrepareAsync(context.Desired!, context.Snapshot, token), cancellation);
        await context.RefreshAsync(cancellation);
        if (!outcome.Failed)
        {
            _backoff.Reset();
            return HookResult.Done;
        }

        context.Warn(outcome.Reason, outcome.Message);
        _notBefore = context.Now + _backoff.Next();
        return HookResult.Blocked(_notBefore);
    }

    public async Task TeardownAsync(WorkloadContext context, CancellationToken cancellation)
    {
        await context.Driver.DestroyAsync(context.Id, cancellation);
        await context.RefreshAsync(cancellation);
    }

    /// <summary>A unit that only waits for its back-off has no use for it yet, but it will.</summary>
    private static bool IsNeeded(WorkloadContext context)
        => context.Desired!.Units.Any(unit => context.Step(unit) is UnitStep.Start or UnitStep.Wait);
}
