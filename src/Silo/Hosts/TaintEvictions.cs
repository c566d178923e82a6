using Google.Protobuf.WellKnownTypes;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Events;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Hosts;

/// <summary>
/// Drives pods from hosts with NoExecute taints, an unreachable host among them, once what they tolerate is over. A machine is never
/// driven away: its disks are on its host, and with the object they would be gone.
/// </summary>
internal sealed class TaintEvictions(ObjectCache cache, ObjectEditor editor, Assignments assignments, Disruptions disruptions, EventRecorder events, TimeProvider time)
{
    private const string Reason = "DeletionByTaintManager";

    /// <summary>Looks at all pods of a host. Safe to repeat; who goes later is found by a later look.</summary>
    public async Task Review(string host, CancellationToken cancellation)
    {
        if (cache.Find(HostRegistration.KeyOf(host))?.As<Node>().Spec is not { } spec || !spec.Taints.Any(TaintTolerance.DrivesAway)) return;
        if (spec.Taints.Any(Undated)) await Date(host, cancellation);
        else foreach (var pod in assignments.Of(host).Where(pod => Goes(pod, spec.Taints)).ToArray()) await Evict(pod, host, cancellation);
    }

    private bool Goes(StoredObject workload, IEnumerable<Taint> taints)
    {
        if (workload is not { Terminating: false, Message: Pod pod } || WorkloadState.Of(workload).Ended) return false;
        var tolerations = pod.Spec.Tolerations.Concat(assignments.RuntimeClassOf(workload)?.Scheduling?.Tolerations ?? []).ToArray();
        return TaintTolerance.GoesAt(tolerations, taints) is { } at && at <= time.GetUtcNow();
    }

    private async Task Evict(StoredObject pod, string host, CancellationToken cancellation)
    {
        events.Record(pod, "Normal", "TaintManagerEviction", $"Deleting the pod: it doesn't tolerate the taints of host {host}, or not for so long", "host-controller");
        await disruptions.End(pod, Reason, "the taints of its host", new DeleteOptions(), cancellation);
    }

    private static bool Undated(Taint taint) => TaintTolerance.DrivesAway(taint) && taint.TimeAdded is null;

    /// <summary>Whoever sets a taint need not say when; tolerations count from then on. The change of the Node brings the next look.</summary>
    private Task<StoredObject?> Date(string host, CancellationToken cancellation) => editor.Edit<Node>(HostRegistration.KeyOf(host), "", node =>
    {
        foreach (var taint in node.Spec.Taints.Where(Undated)) taint.TimeAdded = new Timestamp { Seconds = time.GetUtcNow().ToUnixTimeSeconds() };
        return true;
    }, cancellation);
}
