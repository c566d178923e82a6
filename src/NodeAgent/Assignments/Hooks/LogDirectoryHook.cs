using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Logs;

namespace Orchestrator.NodeAgent.Assignments.Hooks;

/// <summary>The directory of a pod's logs.</summary>
internal sealed class LogDirectoryHook(PodLogPaths paths) : IWorkloadHook
{
    public string Name => "logs";

    public Task<HookResult> EnsureAsync(WorkloadContext context, CancellationToken cancellation)
    {
        if (context.Id.Kind == WorkloadKind.Pod)
            foreach (var unit in context.Desired!.Units) Directory.CreateDirectory(paths.OfContainer(context.Id, unit.Name));
        return Task.FromResult(HookResult.Done);
    }

    public Task TeardownAsync(WorkloadContext context, CancellationToken cancellation)
    {
        var directory = paths.OfPod(context.Id);
        if (context.Id.Kind == WorkloadKind.Pod && Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
        return Task.CompletedTask;
    }
}
