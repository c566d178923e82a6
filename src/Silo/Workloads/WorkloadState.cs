using Google.Protobuf.Collections;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Workloads;

/// <summary>
/// What the control plane looks at in a workload of any kind. A <c>spec.nodeName</c> alone is a demand that the scheduler checks
/// like any other; the workload is bound once its host has taken it, and then <see cref="Host"/> names that host.
/// </summary>
internal readonly record struct WorkloadState(string Host, string DemandedHost, bool Ended, string RuntimeClassName)
{
    public bool Bound => Host.Length > 0;

    public static WorkloadState Of(StoredObject obj) => obj.Message switch
    {
        Pod pod => Of(pod.Spec.NodeName, pod.Status?.Conditions, pod.Status?.Phase, pod.Spec.RuntimeClassName),
        VirtualMachine vm => Of(vm.Spec.NodeName, vm.Status?.Conditions, vm.Status?.Phase, vm.Spec.RuntimeClassName),
        _ => throw new ArgumentException($"{obj.Key} is no workload", nameof(obj)),
    };

    public static int PriorityOf(StoredObject obj) => obj.Message switch
    {
        Pod pod => pod.Spec.Priority,
        VirtualMachine vm => vm.Spec.Priority,
        _ => throw new ArgumentException($"{obj.Key} is no workload", nameof(obj)),
    };

    private static WorkloadState Of(string nodeName, RepeatedField<Condition>? conditions, string? phase, string runtimeClass)
    {
        var bound = conditions?.Any(condition => condition is { Type: Conditions.PodScheduled, Status: "True" }) == true;
        return new WorkloadState(bound ? nodeName : "", nodeName, phase is "Succeeded" or "Failed", runtimeClass);
    }
}
