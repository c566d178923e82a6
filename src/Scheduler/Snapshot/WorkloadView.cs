using Google.Protobuf.Collections;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.NodeV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Scheduler;

/// <summary>
/// One workload as the scheduler sees it. <paramref name="NodeName"/> is empty unless one host is demanded. A host must
/// have every label of <paramref name="Selector"/>, so two values for one key can never be met. A higher
/// <paramref name="Priority"/> goes first, then the lower <paramref name="Sequence"/> (the order of creation).
/// </summary>
public sealed record WorkloadView(
    ObjectKey Key,
    string Uid,
    ResourceVector Requests,
    string NodeName,
    ValueList<Label> Selector,
    ValueList<TaintToleration> Tolerations,
    string RuntimeClass,
    int Priority,
    long Sequence)
{
    /// <summary>The label by which a workload says to which PodGroup of its namespace it belongs.</summary>
    public const string GroupLabel = "scheduling.x-k8s.io/pod-group";

    public const string DefaultScheduler = "default-scheduler";

    private const string Never = "Never";

    public WorkloadTraits Traits { get; init; } = WorkloadTraits.None;

    public RequiredHosts? RequiredHosts { get; init; }

    public ValueList<PreferredHosts> PreferredHosts { get; init; }

    public ValueList<SpreadConstraint> Spread { get; init; }

    /// <summary>The images that it is made of, each once.</summary>
    public ValueList<string> Images { get; init; }

    /// <summary>The guest's instruction set; empty: the host's own.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>While it has a gate, it goes nowhere.</summary>
    public ValueList<string> Gates { get; init; }

    /// <summary>Others may be ended to make room for it.</summary>
    public bool MayPreempt { get; init; } = true;

    /// <summary>The host on which room is being made for it; empty if on none.</summary>
    public string NominatedHost { get; init; } = "";

    public string SchedulerName { get; init; } = DefaultScheduler;

    /// <summary>The name of the PodGroup that it belongs to; empty if to none.</summary>
    public string Group => Traits.Group;

    /// <summary>What is known of that group; null: it is placed alone.</summary>
    public Gang? Gang { get; init; }

    public static WorkloadView From(Pod pod, RuntimeClass? runtimeClass, long sequence)
    {
        var (metadata, spec) = (pod.Metadata, pod.Spec);
        return new WorkloadView(
            new ObjectKey(Kinds.Pod, metadata.Namespace, metadata.Name), metadata.Uid, ResourceRequests.RequestsOf(pod, runtimeClass), spec.NodeName,
            SelectorOf(spec.NodeSelector, runtimeClass), TolerationsOf(spec.Tolerations, runtimeClass),
            RuntimeClasses.AsReportedByHosts(spec.RuntimeClassName, RuntimeClasses.Container, runtimeClass), spec.Priority, sequence)
        {
            Traits = TraitsOf(metadata, spec.Affinity, PortsOf(spec)),
            RequiredHosts = AffinityReading.ReadRequired(spec.Affinity?.NodeAffinity),
            PreferredHosts = AffinityReading.ReadPreferred(spec.Affinity?.NodeAffinity),
            Spread = AffinityReading.Read(spec.TopologySpreadConstraints, HostView.LabelsOf(metadata.Labels)),
            Images = spec.Containers.Select(container => container.Image).Distinct().ToValueList(),
            Gates = spec.SchedulingGates.Select(gate => gate.Name).ToValueList(),
            MayPreempt = spec.PreemptionPolicy != Never,
            NominatedHost = pod.Status?.NominatedNodeName ?? "",
            SchedulerName = SchedulerOf(spec.SchedulerName),
        };
    }

    public static WorkloadView From(VirtualMachine machine, RuntimeClass? runtimeClass, long sequence, MachineType? type = null)
    {
        var (metadata, spec) = (machine.Metadata, machine.Spec);
        return new WorkloadView(
            new ObjectKey(Kinds.Machine, metadata.Namespace, metadata.Name), metadata.Uid, ResourceRequests.RequestsOf(machine, runtimeClass, type),
            spec.NodeName, SelectorOf(spec.NodeSelector, runtimeClass), TolerationsOf(spec.Tolerations, runtimeClass),
            RuntimeClasses.AsReportedByHosts(spec.RuntimeClassName, RuntimeClasses.Paravirtual, runtimeClass), spec.Priority, sequence)
        {
            Traits = TraitsOf(metadata, spec.Affinity, []),
            RequiredHosts = AffinityReading.ReadRequired(spec.Affinity?.NodeAffinity),
            PreferredHosts = AffinityReading.ReadPreferred(spec.Affinity?.NodeAffinity),
            Spread = AffinityReading.Read(spec.TopologySpreadConstraints, HostView.LabelsOf(metadata.Labels)),
            Images = spec.Image.Length > 0 ? [spec.Image] : [],
            Architecture = spec.Architecture,
            Gates = spec.SchedulingGates.Select(gate => gate.Name).ToValueList(),
            MayPreempt = spec.PreemptionPolicy != Never,
            NominatedHost = machine.Status?.NominatedNodeName ?? "",
            SchedulerName = SchedulerOf(spec.SchedulerName),
        };
    }

    private static string SchedulerOf(string name) => name.Length == 0 ? DefaultScheduler : name;

    private static WorkloadTraits TraitsOf(ObjectMeta metadata, Affinity? affinity, ValueList<HostPort> ports)
    {
        var (labels, ns) = (HostView.LabelsOf(metadata.Labels), metadata.Namespace);
        var (near, apart) = (affinity?.PodAffinity, affinity?.PodAntiAffinity);
        return new WorkloadTraits
        {
            Namespace = ns,
            Labels = labels,
            Owner = metadata.OwnerReferences.FirstOrDefault(owner => owner.Controller)?.Uid ?? "",
            Terminating = metadata.DeletionTimestamp is not null,
            Affinity = AffinityReading.Read(near?.RequiredDuringSchedulingIgnoredDuringExecution, labels, ns),
            AntiAffinity = AffinityReading.Read(apart?.RequiredDuringSchedulingIgnoredDuringExecution, labels, ns),
            Preferred = AffinityReading.Read(near?.PreferredDuringSchedulingIgnoredDuringExecution, labels, ns, 1)
                .Concat(AffinityReading.Read(apart?.PreferredDuringSchedulingIgnoredDuringExecution, labels, ns, -1)).ToValueList(),
            Ports = ports,
        };
    }

    /// <summary>With the host's network, every port of a container is one of the host.</summary>
    private static ValueList<HostPort> PortsOf(PodSpec spec) => PodPeak.Lasting(spec).SelectMany(container => container.Ports)
        .Select(port => (Port: port, Number: port.HasHostPort ? port.HostPort : spec.HostNetwork ? port.ContainerPort_ : 0))
        .Where(pair => pair.Number > 0)
        .Select(pair => new HostPort(
            pair.Port.Protocol.Length == 0 ? "TCP" : pair.Port.Protocol, pair.Port.HostIp is "0.0.0.0" or "::" ? "" : pair.Port.HostIp, pair.Number))
        .Distinct().ToValueList();

    private static ValueList<Label> SelectorOf(MapField<string, string> own, RuntimeClass? runtimeClass) =>
        HostView.LabelsOf(own.Union(runtimeClass?.Scheduling?.NodeSelector ?? []));

    private static ValueList<TaintToleration> TolerationsOf(IEnumerable<Toleration> own, RuntimeClass? runtimeClass) =>
        own.Concat(runtimeClass?.Scheduling?.Tolerations ?? []).Select(TaintReading.Read).Distinct().ToValueList();

    private static class Kinds
    {
        public static readonly ResourceId Pod = KindCatalog.Of<Pod>().Resource;
        public static readonly ResourceId Machine = KindCatalog.Of<VirtualMachine>().Resource;
    }
}
