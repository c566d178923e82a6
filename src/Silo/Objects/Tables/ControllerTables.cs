using System.Globalization;
using Orchestrator.Objects.AppsV1;
using Orchestrator.Objects.AutoscalingV2;
using Orchestrator.Objects.BatchV1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects.Selectors;

namespace Orchestrator.Silo.Objects.Tables;

/// <summary>The tables of what makes pods, with kubectl's columns.</summary>
internal static class ControllerTables
{
    public static readonly TableLayout Deployment = new([
        TableLayout.Name,
        new Column("Ready", "string", (obj, _) => $"{obj.As<Deployment>().Status?.ReadyReplicas ?? 0}/{obj.As<Deployment>().Spec.Replicas}"),
        Number("Up-to-date", obj => obj.As<Deployment>().Status?.UpdatedReplicas ?? 0),
        Number("Available", obj => obj.As<Deployment>().Status?.AvailableReplicas ?? 0),
        TableLayout.Age,
        .. Pods(obj => obj.As<Deployment>().Spec.Template),
        new Column("Selector", "string", (obj, _) => obj.As<Deployment>().Spec.Selector.ToText(), Wide: true)]);

    public static readonly TableLayout ReplicaSet = new([
        TableLayout.Name,
        Number("Desired", obj => obj.As<ReplicaSet>().Spec.Replicas),
        Number("Current", obj => obj.As<ReplicaSet>().Status?.Replicas ?? 0),
        Number("Ready", obj => obj.As<ReplicaSet>().Status?.ReadyReplicas ?? 0),
        TableLayout.Age,
        .. Pods(obj => obj.As<ReplicaSet>().Spec.Template),
        new Column("Selector", "string", (obj, _) => obj.As<ReplicaSet>().Spec.Selector.ToText(), Wide: true)]);

    public static readonly TableLayout StatefulSet = new([
        TableLayout.Name,
        new Column("Ready", "string", (obj, _) => $"{obj.As<StatefulSet>().Status?.ReadyReplicas ?? 0}/{obj.As<StatefulSet>().Spec.Replicas}"),
        TableLayout.Age,
        .. Pods(obj => obj.As<StatefulSet>().Spec.Template)]);

    public static readonly TableLayout DaemonSet = new([
        TableLayout.Name,
        Number("Desired", obj => obj.As<DaemonSet>().Status?.DesiredNumberScheduled ?? 0),
        Number("Current", obj => obj.As<DaemonSet>().Status?.CurrentNumberScheduled ?? 0),
        Number("Ready", obj => obj.As<DaemonSet>().Status?.NumberReady ?? 0),
        Number("Up-to-date", obj => obj.As<DaemonSet>().Status?.UpdatedNumberScheduled ?? 0),
        Number("Available", obj => obj.As<DaemonSet>().Status?.NumberAvailable ?? 0),
        TableLayout.Age,
        .. Pods(obj => obj.As<DaemonSet>().Spec.Template)]);

    public static readonly TableLayout Job = new([
        TableLayout.Name,
        new Column("Status", "string", (obj, _) => JobStatus(obj)),
        new Column("Completions", "string", (obj, _) => $"{obj.As<Job>().Status?.Succeeded ?? 0}/{(obj.As<Job>().Spec.HasCompletions ? obj.As<Job>().Spec.Completions : 1)}"),
        new Column("Duration", "string", (obj, now) => Duration(obj.As<Job>(), now)),
        TableLayout.Age,
        .. Pods(obj => obj.As<Job>().Spec.Template)]);

    public static readonly TableLayout CronJob = new([
        TableLayout.Name,
        new Column("Schedule", "string", (obj, _) => obj.As<CronJob>().Spec.Schedule),
        new Column("Timezone", "string", (obj, _) => TableLayout.OrNone(obj.As<CronJob>().Spec.TimeZone)),
        new Column("Suspend", "string", (obj, _) => obj.As<CronJob>().Spec.Suspend ? "True" : "False"),
        Number("Active", obj => obj.As<CronJob>().Status?.Active.Count ?? 0),
        new Column("Last Schedule", "string", (obj, now) => obj.As<CronJob>().Status?.LastScheduleTime is { } last ? Ages.Since(last, now) : "<none>"),
        TableLayout.Age,
        .. Pods(obj => obj.As<CronJob>().Spec.JobTemplate.Spec.Template)]);

    public static readonly TableLayout Autoscaler = new([
        TableLayout.Name,
        new Column("Reference", "string", (obj, _) => $"{obj.As<HorizontalPodAutoscaler>().Spec.ScaleTargetRef.Kind}/{obj.As<HorizontalPodAutoscaler>().Spec.ScaleTargetRef.Name}"),
        Number("MinPods", obj => obj.As<HorizontalPodAutoscaler>().Spec.MinReplicas),
        Number("MaxPods", obj => obj.As<HorizontalPodAutoscaler>().Spec.MaxReplicas),
        Number("Replicas", obj => obj.As<HorizontalPodAutoscaler>().Status?.CurrentReplicas ?? 0),
        TableLayout.Age]);

    private static Column Number(string name, Func<StoredObject, int> value) =>
        new(name, "integer", (obj, _) => value(obj).ToString(CultureInfo.InvariantCulture));

    private static IEnumerable<Column> Pods(Func<StoredObject, PodTemplateSpec> template) =>
    [
        new Column("Containers", "string", (obj, _) => string.Join(',', template(obj).Spec.Containers.Select(container => container.Name)), Wide: true),
        new Column("Images", "string", (obj, _) => string.Join(',', template(obj).Spec.Containers.Select(container => container.Image)), Wide: true),
    ];

    private static string JobStatus(StoredObject obj)
    {
        var job = obj.As<Job>();
        if (obj.Terminating) return "Terminating";
        var condition = job.Status?.Conditions.FirstOrDefault(condition => condition is { Type: "Complete" or "Failed", Status: "True" });
        return condition?.Type ?? (job.Spec.Suspend ? "Suspended" : "Running");
    }

    private static string Duration(Job job, DateTimeOffset now) => job.Status?.StartTime is { } start
        ? Ages.Since(start, job.Status.CompletionTime?.ToDateTimeOffset() ?? now)
        : "";
}
