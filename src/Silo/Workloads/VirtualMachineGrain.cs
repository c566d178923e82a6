using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orleans.Placement;

namespace Orchestrator.Silo.Workloads;

[RandomPlacement]
internal sealed class VirtualMachineGrain(ObjectCache cache, ObjectEditor editor) : WorkloadGrain(cache, editor), IVirtualMachineGrain
{
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
