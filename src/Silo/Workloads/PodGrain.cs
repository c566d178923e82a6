using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orleans.Placement;

namespace Orchestrator.Silo.Workloads;

[RandomPlacement]
internal sealed class PodGrain(ObjectCache cache, ObjectEditor editor) : WorkloadGrain(cache, editor), IPodGrain
{
    protected override Task EndGrace(string uid) => Editor.Edit<Pod>(Key, uid, pod =>
    {
        pod.Metadata.DeletionGracePeriodSeconds = 0;
        return true;
    });

    protected override Task<StoredObject?> WriteStatus(WorkloadStatusReport report) =>
        Editor.Edit<Pod>(Key, report.Uid, pod =>
        {
            var reported = PodStatus.Parser.ParseFrom(report.Status);
            Conditions.TakeOver(pod.Status?.Conditions ?? [], reported.Conditions);
            if (reported.QosClass.Length == 0) reported.QosClass = pod.Status?.QosClass ?? "";
            pod.Status = reported;
            return true;
        });
}
