using System.Runtime.CompilerServices;
using Orchestrator.Api.V1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Selectors;

namespace Orchestrator.Silo.Api;

/// <summary>Follows one workload from its creation until it runs, ends or fails.</summary>
internal sealed class WorkloadProgress(ObjectReader reader, ObjectForms forms)
{
    public async IAsyncEnumerable<SubmitProgress> Follow(StoredObject created, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var selection = new ObjectSelection(created.Key.Namespace, created.Key.Name, LabelSelector.Everything, FieldSelector.Everything);
        yield return Describe(created);
        await foreach (var change in reader.Watch(created.Kind, selection, null, cancellation))
        {
            if (change.Object is null || change.Object.Uid != created.Uid) continue;
            var step = Describe(change.Object);
            if (change.Kind == WatchEventKind.Deleted) (step.Done, step.Reason, step.Message) = (true, "Deleted", "it was deleted");
            yield return step;
            if (step.Done) yield break;
        }
    }

    private SubmitProgress Describe(StoredObject obj)
    {
        var step = obj.Message switch
        {
            Pod pod => new SubmitProgress
            {
                Phase = pod.Status?.Phase ?? "Pending",
                NodeName = pod.Spec.NodeName,
                Reason = Waiting(pod)?.Reason ?? pod.Status?.Reason ?? "",
                Message = Waiting(pod)?.Message ?? Unscheduled(pod.Status?.Conditions) ?? pod.Status?.Message ?? "",
            },
            VirtualMachine vm => new SubmitProgress
            {
                Phase = vm.Status?.Phase ?? "Pending",
                NodeName = vm.Spec.NodeName,
                Reason = vm.Status?.Reason ?? "",
                Message = Unscheduled(vm.Status?.Conditions) ?? vm.Status?.Message ?? "",
            },
            _ => throw new ArgumentException($"{obj.Key} is no workload", nameof(obj)),
        };
        step.Object = forms.Render(obj, Form.Proto);
        step.Done = step.Phase is "Running" or "Succeeded" or "Failed" or "Stopped";
        return step;
    }

    private static ContainerStateWaiting? Waiting(Pod pod) =>
        pod.Status?.ContainerStatuses.Select(status => status.State?.Waiting).FirstOrDefault(waiting => waiting is not null);

    private static string? Unscheduled(IEnumerable<Orchestrator.Objects.MetaV1.Condition>? conditions) =>
        conditions?.FirstOrDefault(condition => condition is { Type: Workloads.Conditions.PodScheduled, Status: "False" })?.Message;
}
