using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Silo.Objects.Tables;

/// <summary>What a pod's init containers put into its line, by kubectl's rules: <c>Init:1/3</c>, <c>Init:CrashLoopBackOff</c>.</summary>
internal static class PodInitialization
{
    /// <summary>How far it is; null when the init containers have done their part.</summary>
    public static string? Progress(Pod pod)
    {
        if (IsInitialized(pod)) return null;
        var statuses = pod.Status.InitContainerStatuses;
        for (var i = 0; i < statuses.Count; i++)
        {
            var (state, container) = (statuses[i].State, statuses[i]);
            if (state?.Terminated is { ExitCode: 0 } || (container.Started && IsSidecar(pod.Spec, container.Name))) continue;
            if (state?.Terminated is { } ended) return $"Init:{Ended(ended)}";
            if (state?.Waiting is { Reason: not ("" or "PodInitializing") } waiting) return $"Init:{waiting.Reason}";
            return $"Init:{i}/{pod.Spec.InitContainers.Count}";
        }

        return null;
    }

    public static string Ended(ContainerStateTerminated ended)
    {
        if (ended.Reason.Length > 0) return ended.Reason;
        return ended.HasSignal && ended.Signal != 0 ? $"Signal:{ended.Signal}" : $"ExitCode:{ended.ExitCode}";
    }

    /// <summary>Whose restarts count: the init containers' until they have done their part, then only the sidecars' among them.</summary>
    public static IEnumerable<ContainerStatus> Counted(Pod pod)
        => Progress(pod) is null ? Sidecars(pod).Concat(pod.Status?.ContainerStatuses ?? []) : pod.Status.InitContainerStatuses;

    public static IEnumerable<ContainerStatus> Sidecars(Pod pod)
        => pod.Status?.InitContainerStatuses.Where(status => IsSidecar(pod.Spec, status.Name)) ?? [];

    public static int CountSidecars(PodSpec spec) => spec.InitContainers.Count(container => IsSidecar(spec, container.Name));

    private static bool IsInitialized(Pod pod)
        => pod.Status is not { } status || status.Conditions.Any(condition => condition is { Type: "Initialized", Status: "True" });

    private static bool IsSidecar(PodSpec spec, string name)
        => spec.InitContainers.Any(container => container.Name == name && container.RestartPolicy == "Always");
}
