using Orchestrator.Contracts.Ids;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Scheduler;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Events;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Scheduling;

/// <summary>
/// Carries out a preemption: the workload is told where room is made for it, and the victims are deleted as anyone would delete them,
/// with the time that they have to end. When they are gone, the queue tries the workload again.
/// </summary>
internal sealed class RoomMaking(ObjectCache cache, ObjectEditor editor, Disruptions disruptions, EventRecorder events)
{
    public async Task MakeRoom(Nomination nomination, CancellationToken cancellation)
    {
        var (workload, host) = (nomination.Workload, nomination.Host.Value);
        if (workload.NominatedHost != host) await Nominate(workload, host, cancellation);
        await Task.WhenAll(nomination.Victims.Select(victim => End(victim, workload, host, cancellation)));
    }

    private Task<StoredObject?> Nominate(WorkloadView workload, string host, CancellationToken cancellation) =>
        workload.Key.Resource == WorkloadGrains.Pods.Resource
            ? editor.Edit<Pod>(workload.Key, workload.Uid, pod =>
            {
                (pod.Status ??= new PodStatus { Phase = "Pending" }).NominatedNodeName = host;
                return true;
            }, cancellation)
            : editor.Edit<VirtualMachine>(workload.Key, workload.Uid, vm =>
            {
                (vm.Status ??= new VirtualMachineStatus { Phase = "Pending" }).NominatedNodeName = host;
                return true;
            }, cancellation);

    private async Task End(Resident victim, WorkloadView workload, string host, CancellationToken cancellation)
    {
        if (cache.Find(victim.Key) is not { Terminating: false } present || present.Uid != victim.Uid) return;
        var message = $"Preempted by {Name(workload.Key)} on host {host}";
        events.Record(present, "Normal", "Preempted", message, "scheduler");
        // If it has gone by itself meanwhile, so much the better; if the store takes no write, the next pass chooses anew.
        await disruptions.End(present, "PreemptionByScheduler", message, new DeleteOptions(), cancellation);
    }

    private static string Name(ObjectKey key) => $"{key.Resource.Plural} {key.Namespace}/{key.Name}";
}
