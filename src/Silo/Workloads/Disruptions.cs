using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Workloads;

/// <summary>
/// The end of a workload that nobody asked for by name. Before a pod is deleted its condition <c>DisruptionTarget</c> says why, as
/// Kubernetes has it: whoever owns the pod tells a disruption from a failure by it.
/// </summary>
internal sealed class Disruptions(ObjectEditor editor, ObjectPipeline pipeline, TimeProvider time)
{
    public async Task<ObjectResult> End(StoredObject workload, string reason, string message, DeleteOptions options, CancellationToken cancellation)
    {
        if (workload.Message is Pod && WillBeDone(workload, options))
        {
            await editor.Edit<Pod>(
                workload.Key, workload.Uid, pod => Conditions.Set((pod.Status ??= new PodStatus()).Conditions, Conditions.DisruptionTarget, true, reason, message, time),
                cancellation);
        }

        return await pipeline.Delete(workload.Key, workload.Kind, options.Uid.Length > 0 ? options : options with { Uid = workload.Uid }, cancellation);
    }

    /// <summary>A deletion that is only tried, or that is bound to a version or to another pod, must find the pod as it is.</summary>
    private static bool WillBeDone(StoredObject pod, DeleteOptions options) =>
        !options.DryRun && options.ResourceVersion.Length == 0 && (options.Uid.Length == 0 || options.Uid == pod.Uid);
}
