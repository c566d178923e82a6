using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.AppsV1;
using Orchestrator.Objects.BatchV1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Ownership;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Scheduling;

/// <summary>
/// The workloads that would come of objects, each as the pipeline would store it: defaulted, validated, admitted. Of a controller come its
/// pods. Nothing is stored.
/// </summary>
internal sealed class TrialWorkloads(ObjectPipeline pipeline, ObjectCache cache)
{
    public const int Most = 5_000;

    private static readonly RequestOptions Try = new(DryRun: true);

    private readonly Dictionary<ObjectKey, Trial> _trials = [];

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyCollection<Trial> All => _trials.Values;

    /// <summary>Null if the object is fine. <paramref name="made"/>: how many workloads come of it.</summary>
    public async Task<(int Made, ApiError? Error)> Add(DecodedObject obj, CancellationToken cancellation)
    {
        var tried = await pipeline.Create(obj.Kind, obj.Message, Try, cancellation);
        if (!tried.Succeeded) return (0, tried.Error);
        if (WorkloadGrains.IsWorkload(obj.Kind)) return Add(tried.Object, HostOf(tried.Object.Key)) is { } twice ? (0, twice) : (1, null);
        var (replicas, template) = PodsOf(tried.Object.Message);
        for (var number = 0; number < replicas; number++)
        {
            var pod = await pipeline.Create(WorkloadGrains.Pods, Pod(tried.Object, template!, number), Try, cancellation);
            if ((pod.Succeeded ? Add(pod.Object, "") : pod.Error) is { } error) return (0, error);
        }

        return (replicas, null);
    }

    private ApiError? Add(StoredObject workload, string host)
    {
        if (_trials.Count == Most) return new ApiError(ErrorReason.RequestEntityTooLarge, $"manifests: more than {Most} workloads come of them; plan fewer at once");
        return _trials.TryAdd(workload.Key, new Trial(workload.Key.ToString(), workload.Bytes.ToArray(), host))
            ? null
            : new ApiError(ErrorReason.BadRequest, $"manifests: {workload.Kind.Name} \"{workload.Key.Name}\" comes of them twice; give each its own name");
    }

    private string HostOf(ObjectKey key) => cache.Find(key) is { } stored ? WorkloadState.Of(stored).Host : "";

    private static (int Replicas, PodTemplateSpec? Template) PodsOf(IMessage controller) => controller switch
    {
        Deployment deployment => (deployment.Spec.Replicas, deployment.Spec.Template),
        ReplicaSet set => (set.Spec.Replicas, set.Spec.Template),
        StatefulSet set => (set.Spec.Replicas, set.Spec.Template),
        Job job => (AtOnce(job.Spec), job.Spec.Template),
        _ => (0, null),
    };

    private static int AtOnce(JobSpec job) => Math.Min(job.HasParallelism ? job.Parallelism : 1, job.HasCompletions ? job.Completions : int.MaxValue);

    private static Pod Pod(StoredObject owner, PodTemplateSpec template, int number)
    {
        var pod = new Pod { Metadata = template.Metadata?.Clone() ?? new ObjectMeta(), Spec = template.Spec.Clone() };
        (pod.Metadata.Namespace, pod.Metadata.Name) = (owner.Key.Namespace, $"{owner.Key.Name}-{number}");
        pod.Metadata.OwnerReferences.Add(ControllerReference.To(owner));
        return pod;
    }
}
