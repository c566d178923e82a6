using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.NodeV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Objects.Kinds;

internal sealed class VirtualMachineStrategy : KindStrategy
{
    public override void PrepareForCreate(IMessage obj, ObjectCache cache)
    {
        var vm = (VirtualMachine)obj;
        MachineClones.Resolve(vm, cache);
        Resolve(vm, cache);
        if (Priorities.Of(vm.Spec.PriorityClassName, vm.Spec.HasPriority, cache) is { } priority)
        {
            (vm.Spec.PriorityClassName, vm.Spec.Priority) = (priority.Metadata.Name, priority.Value);
            if (vm.Spec.PreemptionPolicy.Length == 0) vm.Spec.PreemptionPolicy = priority.PreemptionPolicy;
        }

        vm.Status = new VirtualMachineStatus { Phase = "Pending" };
    }

    public override IEnumerable<FieldError> Admit(IMessage obj, ObjectCache cache)
    {
        var vm = (VirtualMachine)obj;
        var spec = vm.Spec;
        if (Priorities.Check(spec.PriorityClassName, cache) is { } unknown) yield return unknown;
        if (spec.MachineImageName.Length > 0 && FindImage(vm, cache) is null)
            yield return new FieldError("spec.machineImageName", $"Invalid value \"{spec.MachineImageName}\": no such MachineImage in namespace {vm.Metadata.Namespace}", "NotFound");
        else if (spec.Image.Length == 0)
            yield return new FieldError("spec.image", "Required value: an OCI image, or machineImageName", "Required");
        foreach (var twice in MachineSizes.Violations(spec)) yield return twice;
        foreach (var wrong in MachineNetworkRules.Check(spec)) yield return wrong;
        if (MachineClones.Check(vm, cache) is { } notCloned) yield return notCloned;
        foreach (var problem in MachineDiskRules.Violations(spec.Disks)) yield return problem;
        foreach (var problem in MachineCloudInitRules.Violations(spec.CloudInit)) yield return problem;

        var runtimeClass = cache[KindCatalog.Of<RuntimeClass>()].Find("", spec.RuntimeClassName);
        if (runtimeClass is null)
            yield return new FieldError("spec.runtimeClassName", RuntimeClasses.NotFound(spec.RuntimeClassName, cache), "NotFound");
        else if (runtimeClass.As<RuntimeClass>().Handler == RuntimeClasses.ContainerHandler)
            yield return new FieldError(
                "spec.runtimeClassName", $"Invalid value \"{spec.RuntimeClassName}\": this class runs containers; create a Pod", "Invalid");
    }

    public override void PrepareForUpdate(IMessage old, IMessage updated)
    {
        var (before, after) = (((VirtualMachine)old).Spec, ((VirtualMachine)updated).Spec);
        if (after.NodeName.Length == 0) after.NodeName = before.NodeName;
        if (after.PriorityClassName.Length == 0) after.PriorityClassName = before.PriorityClassName;
        if (!after.HasPriority && before.HasPriority) after.Priority = before.Priority;
        if (after.PreemptionPolicy.Length == 0) after.PreemptionPolicy = before.PreemptionPolicy;
        if (after.Image.Length == 0 && after.MachineImageName == before.MachineImageName) after.Image = before.Image;
        if (!after.HasCpus && before.HasCpus) after.Cpus = before.Cpus;
        if (after.Memory.Length == 0) after.Memory = before.Memory;
        if (after.ImagePullPolicy.Length == 0) after.ImagePullPolicy = before.ImagePullPolicy;
        MachineClones.Keep(before, after);
    }

    /// <summary>What a machine is made of stays; whether it runs may change.</summary>
    public override IEnumerable<FieldError> AdmitUpdate(IMessage old, IMessage updated)
    {
        var before = ((VirtualMachine)old).Spec.Clone();
        var after = ((VirtualMachine)updated).Spec;
        before.RunStrategy = after.RunStrategy;
        before.TerminationGracePeriodSeconds = after.TerminationGracePeriodSeconds;
        before.Paused = after.Paused;
        before.PowerCycle = after.PowerCycle;
        if (before.CloudInit is not null && after.CloudInit is not null) before.CloudInit = after.CloudInit;
        foreach (var problem in MachineCloudInitRules.Violations(after.CloudInit)) yield return problem;
        foreach (var problem in MachineDiskRules.TakeGrowth(before, after)) yield return problem;
        before.Snapshots.Clear();
        before.Snapshots.Add(after.Snapshots);
        if (after.SchedulingGates.All(before.SchedulingGates.Contains))
        {
            before.SchedulingGates.Clear();
            before.SchedulingGates.Add(after.SchedulingGates);
        }

        if (!before.Equals(after))
            yield return new FieldError(
                "spec", "Forbidden: only `spec.runStrategy`, `spec.paused`, `spec.powerCycle`, `spec.snapshots`, what `spec.cloudInit` says, sizes of disks and `spec.terminationGracePeriodSeconds` of a machine may change; delete it and create it anew", "Forbidden");
    }

    public override void PrepareForStatusUpdate(IMessage old, IMessage updated) =>
        Conditions.TakeOver(
            ((VirtualMachine)old).Status?.Conditions ?? [], (((VirtualMachine)updated).Status ??= new VirtualMachineStatus()).Conditions);

    public override long? GraceSeconds(StoredObject obj, long? requested) =>
        WorkloadDeletion.GraceSeconds(obj, requested ?? obj.As<VirtualMachine>().Spec.TerminationGracePeriodSeconds);

    /// <summary>The image and the defaults become part of the machine, so that a later change of theirs doesn't change it.</summary>
    private static void Resolve(VirtualMachine vm, ObjectCache cache)
    {
        var spec = vm.Spec;
        if (spec.Image.Length == 0 && FindImage(vm, cache) is { } image) spec.Image = image.Spec.Image;
        MachineSizes.FillIn(spec);
        if (spec.ImagePullPolicy.Length == 0) spec.ImagePullPolicy = "IfNotPresent";
    }

    private static MachineImage? FindImage(VirtualMachine vm, ObjectCache cache) =>
        cache[KindCatalog.Of<MachineImage>()].Find(vm.Metadata.Namespace, vm.Spec.MachineImageName)?.As<MachineImage>();
}
