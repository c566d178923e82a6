using Orchestrator.NodeAgent.Connection;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Volumes;

namespace Orchestrator.NodeAgent.Assignments.Hooks;

/// <summary>
/// The volumes of a pod. They are set up for each new word on the pod (its own, or on what it reads) and go when it has ended or goes.
/// What can't be set up holds the pod back, but not one that has it from before.
/// </summary>
internal sealed class VolumesHook(PodVolumes volumes, Random random) : IWorkloadHook
{
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2), random);
    private DesiredWorkload? _seen;
    private DateTimeOffset? _blockedUntil;

    public string Name => "volumes";

    public async Task<HookResult> EnsureAsync(WorkloadContext context, CancellationToken cancellation)
    {
        if (context.Desired is not { Pod.Spec.Volumes.Count: > 0 } desired) return HookResult.Done;
        if (UnitOrder.IsFinished(desired, context.Snapshot, context.Now))
        {
            await volumes.RemoveAsync(context.Id, cancellation);
            return HookResult.Done;
        }

        var isNew = !ReferenceEquals(_seen, desired);
        if (!isNew && _blockedUntil is null) return HookResult.Done;
        if (!isNew && context.Now < _blockedUntil) return HookResult.Blocked(_blockedUntil.Value);
        if (isNew) _backoff.Reset();
        _seen = desired;
        var problems = volumes.SetUp(desired);
        foreach (var problem in problems) context.Warn("FailedMount", problem.Message);
        _blockedUntil = problems.Any(problem => problem.MustWait) ? context.Now + _backoff.Next() : null;
        return _blockedUntil is { } until ? HookResult.Blocked(until) : HookResult.Done;
    }

    public Task TeardownAsync(WorkloadContext context, CancellationToken cancellation) =>
        context.Id.Kind == WorkloadKind.Pod ? volumes.RemoveAsync(context.Id, cancellation) : Task.CompletedTask;
}
