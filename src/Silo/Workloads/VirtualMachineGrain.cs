using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Events;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Kinds;
using Orleans.Placement;

namespace Orchestrator.Silo.Workloads;

[RandomPlacement]
internal sealed class VirtualMachineGrain(ObjectCache cache, ObjectEditor editor, EventRecorder events, TimeProvider time)
    : WorkloadGrain(cache, editor), IVirtualMachineGrain
{
    private const string TypeNotFound = "MachineTypeNotFound";

    /// <summary>A machine whose type isn't there has no size, and can't be placed.</summary>
    protected override async Task<bool> IsHeld(StoredObject present)
    {
        var spec = present.As<VirtualMachine>().Spec;
        var held = spec.MachineTypeName.Length > 0 && MachineSizes.TypeOf(spec, Cache) is null;
        var why = held ? $"there is no MachineType \"{spec.MachineTypeName}\"; the machine waits for it" : "";
        var after = await Editor.Edit<VirtualMachine>(Key, present.Uid, vm =>
        {
            vm.Status ??= new VirtualMachineStatus { Phase = "Pending" };
            if (!held && vm.Status.Reason != TypeNotFound) return false;
            (vm.Status.Reason, vm.Status.Message) = (held ? TypeNotFound : "", why);
            if (held) Conditions.Set(vm.Status.Conditions, Conditions.PodScheduled, false, TypeNotFound, why, time);
            return true;
        });
        if (held && after is not null && !ReferenceEquals(present, after)) events.Record(after, "Warning", TypeNotFound, why, "scheduler", sameAs: "");
        return held;
    }

    protected override Task EndGrace(string uid) => Editor.Edit<VirtualMachine>(Key, uid, vm =>
    {
        vm.Metadata.DeletionGracePeriodSeconds = 0;
        return true;
    });

    protected override Task<StoredObject?> WriteStatus(WorkloadStatusReport report) =>
        Editor.Edit<VirtualMachine>(Key, report.Uid, vm =>
        {
            var reported = VirtualMachineStatus.Parser.ParseFrom(report.Status);
            Conditions.TakeOver(vm.Status?.Conditions ?? [], reported.Conditions);
            vm.Status = reported;
            return true;
        });
}
