using System.Diagnostics;
using Orchestrator.Agents.V1;
using Orchestrator.Contracts.Ids;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.NodeV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Scheduler;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects.Kinds;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Hosts;

/// <summary>The workloads of a host as its agent and the scheduler see them.</summary>
internal sealed class Assignments(ObjectCache cache, WorkloadSources sources)
{
    /// <summary>All workloads that are bound to a host, ended ones included: their remains are still on it.</summary>
    public IEnumerable<StoredObject> Of(string host) =>
        cache.Nodes.Of(host).Select(cache.Find).OfType<StoredObject>().Where(workload => WorkloadState.Of(workload).Host == host);

    public RuntimeClass? RuntimeClassOf(StoredObject workload) => RuntimeClasses.Find(cache, WorkloadState.Of(workload).RuntimeClassName);

    /// <summary>What the scheduler sees of a workload; of the same priority, the older one goes first.</summary>
    public WorkloadView View(StoredObject workload) => workload.Message switch
    {
        Pod pod => WorkloadView.From(pod, RuntimeClassOf(workload), workload.Metadata.CreationTimestamp.Seconds),
        VirtualMachine vm => WorkloadView.From(vm, RuntimeClassOf(workload), workload.Metadata.CreationTimestamp.Seconds, MachineSizes.TypeOf(vm.Spec, cache)),
        _ => throw new ArgumentException($"{workload.Key} is no workload", nameof(workload)),
    };

    public Assignment Encode(StoredObject workload)
    {
        var assignment = new Assignment
        {
            RuntimeHandler = RuntimeClassOf(workload)?.Handler ?? RuntimeClasses.ContainerHandler,
            Traceparent = Activity.Current?.Id ?? "",
        };
        assignment.Sources.AddRange(sources.Of(workload));
        if (workload.Message is Pod pod) assignment.Pod = pod;
        else assignment.VirtualMachine = MachineSizes.Sized(workload.As<VirtualMachine>(), cache);
        return assignment;
    }

    public AssignmentVersion VersionOf(StoredObject workload)
    {
        var metadata = workload.Metadata;
        return new AssignmentVersion(
            metadata.Uid, metadata.Generation, workload.Terminating, metadata.DeletionGracePeriodSeconds, sources.VersionOf(workload));
    }

    public static WorkloadRef Reference(ObjectKey key, string uid) => new()
    {
        Kind = key.Resource == WorkloadGrains.Pods.Resource ? WorkloadRef.Types.Kind.Pod : WorkloadRef.Types.Kind.VirtualMachine,
        Namespace = key.Namespace,
        Name = key.Name,
        Uid = uid,
    };

    public static ObjectKey KeyOf(WorkloadRef workload) =>
        new((workload.Kind == WorkloadRef.Types.Kind.Pod ? WorkloadGrains.Pods : WorkloadGrains.Machines).Resource, workload.Namespace, workload.Name);
}

/// <summary>What of a workload matters to its host: its own reports must not come back to it as changes.</summary>
internal readonly record struct AssignmentVersion(string Uid, long Generation, bool Terminating, long GraceSeconds, SourcesVersion Sources);
