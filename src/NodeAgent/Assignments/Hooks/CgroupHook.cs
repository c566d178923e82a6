using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Drivers.Cri;

namespace Orchestrator.NodeAgent.Assignments.Hooks;

/// <summary>The cgroup of a pod. The runtime makes it by itself but leaves it behind.</summary>
internal sealed class CgroupHook(PodCgroups cgroups) : IWorkloadHook
{
    public string Name => "cgroup";

    public Task<HookResult> EnsureAsync(WorkloadContext context, CancellationToken cancellation) => Task.FromResult(HookResult.Done);

    public Task TeardownAsync(WorkloadContext context, CancellationToken cancellation)
    {
        if (context.Id.Kind == WorkloadKind.Pod) cgroups.Remove(context.Id);
        return Task.CompletedTask;
    }
}
