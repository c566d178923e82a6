using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Tables;

internal static class PodTable
{
    public static readonly TableLayout Layout = new(
    [
        TableLayout.Name,
        new Column("Ready", "string", (obj, _) => Ready(obj.As<Pod>())),
        new Column("Status", "string", (obj, _) => Status(obj)),
        new Column("Restarts", "string", (obj, now) => Restarts(obj.As<Pod>(), now)),
        TableLayout.Age,
        new Column("IP", "string", (obj, _) => TableLayout.OrNone(obj.As<Pod>().Status?.PodIp ?? ""), Wide: true),
        new Column("Node", "string", (obj, _) => TableLayout.OrNone(obj.As<Pod>().Spec.NodeName), Wide: true),
        new Column("Class", "string", (obj, _) => obj.As<Pod>().Spec.RuntimeClassName is { Length: > 0 } name ? name : "container", Wide: true),
    ]);

    private static string Ready(Pod pod)
    {
        var all = PodInitialization.Sidecars(pod).Concat(pod.Status?.ContainerStatuses ?? []);
        return $"{all.Count(status => status.Ready)}/{PodInitialization.CountSidecars(pod.Spec) + pod.Spec.Containers.Count}";
    }

    /// <summary>The phase, or what is more telling: how far it is, a container's reason to wait or how it ended.</summary>
    private static string Status(StoredObject obj)
    {
        var pod = obj.As<Pod>();
        if (obj.Terminating) return "Terminating";
        if (pod.Status is not { } status) return "Pending";
        if (status.Reason.Length > 0) return status.Reason;
        if (PodInitialization.Progress(pod) is { } progress) return progress;
        var running = false;
        var text = status.Phase;
        foreach (var container in status.ContainerStatuses.Reverse())
        {
            if (container.State?.Waiting is { Reason.Length: > 0 } waiting) text = waiting.Reason;
            else if (container.State?.Terminated is { } ended) text = PodInitialization.Ended(ended);
            else if (container is { Ready: true, State.Running: not null }) running = true;
        }

        if (text == "Completed" && running) return status.Phase == "Running" ? "Running" : "NotReady";
        return text == "Pending" && status.ContainerStatuses.Count > 0 && status.ContainerStatuses.All(container => container.State?.Waiting is not null)
            ? "ContainerCreating"
            : text;
    }

    private static string Restarts(Pod pod, DateTimeOffset now)
    {
        var counted = PodInitialization.Counted(pod).ToList();
        var restarts = counted.Sum(container => container.RestartCount);
        var last = counted.Select(container => container.LastState?.Terminated?.FinishedAt).Where(time => time is not null)
            .OrderByDescending(time => time!.Seconds).FirstOrDefault();
        return restarts > 0 && last is not null ? $"{restarts} ({Ages.Since(last, now)} ago)" : restarts.ToString();
    }
}
