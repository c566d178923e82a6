using Google.Protobuf;
using Google.Protobuf.Collections;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.NodeV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Objects.Kinds;

internal sealed class PodStrategy : KindStrategy
{
    public override void PrepareForCreate(IMessage obj, ObjectCache cache)
    {
        var pod = (Pod)obj;
        foreach (var container in pod.Spec.InitContainers.Concat(pod.Spec.Containers))
        {
            if (container.ImagePullPolicy.Length == 0) container.ImagePullPolicy = DefaultPullPolicy(container.Image);
            if (container.Resources is { } resources)
            {
                foreach (var (name, limit) in resources.Limits)
                    if (!resources.Requests.ContainsKey(name)) resources.Requests[name] = limit;
            }
        }

        if (Priorities.Of(pod.Spec.PriorityClassName, pod.Spec.HasPriority, cache) is { } priority)
        {
            (pod.Spec.PriorityClassName, pod.Spec.Priority) = (priority.Metadata.Name, priority.Value);
            if (pod.Spec.PreemptionPolicy.Length == 0) pod.Spec.PreemptionPolicy = priority.PreemptionPolicy;
        }

        pod.Status = new PodStatus { Phase = "Pending", QosClass = QualityOfService.Of(pod.Spec) };
    }

    public override IEnumerable<FieldError> Admit(IMessage obj, ObjectCache cache)
    {
        var pod = (Pod)obj;
        foreach (var error in PodContainerRules.Check(pod.Spec)) yield return error;
        if (Priorities.Check(pod.Spec.PriorityClassName, cache) is { } unknown) yield return unknown;
        if (pod.Spec.RuntimeClassName is { Length: > 0 } name)
        {
            const string Path = "spec.runtimeClassName";
            var found = cache[KindCatalog.Of<RuntimeClass>()].Find("", name);
            if (found is null) yield return new FieldError(Path, RuntimeClasses.NotFound(name, cache), FieldReasons.NotFound);
            else if (found.As<RuntimeClass>().Handler != RuntimeClasses.ContainerHandler)
                yield return new FieldError(
                    Path, $"Invalid value \"{name}\": this class runs virtual machines; create a VirtualMachine (orc run IMAGE --class {name})", FieldReasons.Invalid);
        }
    }

    /// <summary>A pod is made once and does not change, but for its images, tolerations that are added and scheduling gates that are removed.</summary>
    public override IEnumerable<FieldError> AdmitUpdate(IMessage old, IMessage updated)
    {
        var before = ((Pod)old).Spec.Clone();
        var after = ((Pod)updated).Spec.Clone();
        TakeImages(before.InitContainers, after.InitContainers);
        TakeImages(before.Containers, after.Containers);

        if (after.SchedulingGates.All(before.SchedulingGates.Contains))
        {
            before.SchedulingGates.Clear();
            after.SchedulingGates.Clear();
        }

        if (before.Tolerations.All(after.Tolerations.Contains))
        {
            before.Tolerations.Clear();
            after.Tolerations.Clear();
        }

        if (!before.Equals(after))
            yield return new FieldError(
                "spec", "Forbidden: pod updates may not change fields other than `spec.containers[*].image`, add `spec.tolerations` or remove `spec.schedulingGates`; delete the pod and create it anew", FieldReasons.Forbidden);
    }

    /// <summary>Where the manifest leaves them out, the binding and what was filled in at creation stay.</summary>
    public override void PrepareForUpdate(IMessage old, IMessage updated)
    {
        var (before, after) = (((Pod)old).Spec, ((Pod)updated).Spec);
        if (after.NodeName.Length == 0) after.NodeName = before.NodeName;
        if (after.PriorityClassName.Length == 0) after.PriorityClassName = before.PriorityClassName;
        if (!after.HasPriority && before.HasPriority) after.Priority = before.Priority;
        if (after.PreemptionPolicy.Length == 0) after.PreemptionPolicy = before.PreemptionPolicy;
        foreach (var container in after.InitContainers.Concat(after.Containers))
        {
            var same = before.InitContainers.Concat(before.Containers).FirstOrDefault(other => other.Name == container.Name);
            if (container.ImagePullPolicy.Length == 0) container.ImagePullPolicy = same?.ImagePullPolicy ?? DefaultPullPolicy(container.Image);
            if (container.Resources is null) continue;
            foreach (var (name, limit) in container.Resources.Limits) container.Resources.Requests.TryAdd(name, limit);
        }
    }

    public override void PrepareForStatusUpdate(IMessage old, IMessage updated) =>
        Conditions.TakeOver(((Pod)old).Status?.Conditions ?? [], (((Pod)updated).Status ??= new PodStatus()).Conditions);

    public override long? GraceSeconds(StoredObject obj, long? requested) =>
        WorkloadDeletion.GraceSeconds(obj, requested ?? obj.As<Pod>().Spec.TerminationGracePeriodSeconds);

    private static void TakeImages(RepeatedField<Container> into, RepeatedField<Container> from)
    {
        if (into.Count != from.Count) return;
        for (var i = 0; i < from.Count; i++) into[i].Image = from[i].Image;
    }

    internal static string DefaultPullPolicy(string image)
    {
        if (image.Contains('@')) return "IfNotPresent";
        var tag = image.LastIndexOf(':');
        var tagged = tag > image.LastIndexOf('/');
        return !tagged || image.AsSpan(tag + 1).SequenceEqual("latest") ? "Always" : "IfNotPresent";
    }
}
