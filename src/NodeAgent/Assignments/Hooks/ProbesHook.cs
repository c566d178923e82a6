using Orchestrator.NodeAgent.Probes;

namespace Orchestrator.NodeAgent.Assignments.Hooks;

/// <summary>The probes of what runs. It only starts and ends their loops; what they find is in the next snapshot.</summary>
internal sealed class ProbesHook(PodProbes probes) : IWorkloadHook
{
    public string Name => "probes";

    public async Task<HookResult> EnsureAsync(WorkloadContext context, CancellationToken cancellation)
    {
        await probes.FollowAsync(context.Desired!, context.Snapshot, (unit, message) => context.Warn("Unhealthy", message, unit));
        return HookResult.Done;
    }

    public Task TeardownAsync(WorkloadContext context, CancellationToken cancellation)
    {
        probes.Stop();
        return Task.CompletedTask;
    }
}
