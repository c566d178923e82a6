using Orchestrator.Contracts.Ids;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Scheduling;

/// <summary>
/// The deletion that disruption budgets may refuse: what drains a host asks for it. One at a time, so that each is counted before the
/// next is asked: two of them never share the last disruption that a budget allows.
/// </summary>
internal sealed class Evictions(ObjectCache cache, ObjectPipeline pipeline, Disruptions disruptions) : IDisposable
{
    private readonly Budgets _budgets = new(cache);
    private readonly SemaphoreSlim _turn = new(1);

    public async Task<ObjectResult> Evict(ObjectKey key, DeleteOptions options, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (cache.Find(key) is { } pod)
                return Refusal(pod) is { } refusal ? refusal : await disruptions.End(pod, "EvictionByEvictionAPI", "Eviction API: evicting", options, cancellation);
            return await pipeline.Delete(key, WorkloadGrains.Pods, options, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>A pod that ends, has ended or has never begun disrupts nobody.</summary>
    private ApiError? Refusal(StoredObject pod)
    {
        if (pod.Terminating || pod.As<Pod>().Status?.Phase is "Succeeded" or "Failed" or "Pending") return null;
        foreach (var (name, allowed) in _budgets.Guarding(pod))
        {
            if (allowed <= 0)
                return new ApiError(ErrorReason.TooManyRequests, $"Cannot evict pod as it would violate the pod's disruption budget. The disruption budget {name} needs the pods that are healthy now");
        }

        return null;
    }
}
