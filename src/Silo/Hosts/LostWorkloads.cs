using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Events;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Hosts;

/// <summary>
/// What becomes of the workloads of a host whose Node was deleted while it is silent: nobody will ever say that they are gone. Pods go, as
/// with Kubernetes, and so does whatever is being deleted. A machine stays, for its disks may still be there: if the host comes back, it
/// is where it was.
/// </summary>
internal sealed class LostWorkloads(Assignments assignments, ObjectEditor editor, Disruptions disruptions, EventRecorder events, TimeProvider time)
{
    private const string HostDeleted = "HostDeleted";

    /// <summary>Safe to repeat.</summary>
    public async Task Clear(string host, CancellationToken cancellation)
    {
        foreach (var workload in assignments.Of(host).ToArray())
        {
            if (workload.Message is Pod) await Fail(workload, host, cancellation);
            if (workload.Message is Pod || workload.Terminating)
                await disruptions.End(workload, "DeletionByPodGC", $"host {host} was deleted", new DeleteOptions(GracePeriodSeconds: 0), cancellation);
            else
                await Mark(workload, host, cancellation);
        }
    }

    private async Task Fail(StoredObject pod, string host, CancellationToken cancellation)
    {
        if (WorkloadState.Of(pod).Ended) return;
        await editor.Edit<Pod>(pod.Key, pod.Uid, lost =>
        {
            (lost.Status.Phase, lost.Status.Reason, lost.Status.Message) = ("Failed", HostDeleted, $"host {host} was deleted");
            return true;
        }, cancellation);
    }

    private async Task Mark(StoredObject machine, string host, CancellationToken cancellation)
    {
        var message = $"Host {host} was deleted and is silent. The machine's disks are on it: bring the host back, or delete the machine and create it anew";
        var news = false;
        await editor.Edit<VirtualMachine>(machine.Key, machine.Uid, vm => news = Conditions.Set(vm.Status.Conditions, Conditions.Ready, null, HostDeleted, message, time), cancellation);
        if (news) events.Record(machine, "Warning", HostDeleted, message, "host-controller");
    }
}
