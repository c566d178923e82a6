using Google.Protobuf.WellKnownTypes;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.NodeAgent.Assignments.Status;

/// <summary>The status of a pod by the rules of Kubernetes. The condition PodScheduled is the silo's.</summary>
internal static class PodStatusRules
{
    public const string DeadlineExceeded = "DeadlineExceeded";
    public const string OverdueMessage = "Pod was active on the node longer than the specified deadline";

    public static PodStatus Build(
        DesiredWorkload desired, Pod pod, WorkloadSnapshot seen, IReadOnlyDictionary<string, UnitNote> notes, PodStatus previous, string hostAddress,
        DateTimeOffset now)
    {
        var status = new PodStatus
        {
            HostIp = hostAddress,
            QosClass = QualityOfService.Of(pod.Spec),
            StartTime = previous.StartTime ?? Timestamp.FromDateTimeOffset(seen.CreatedAt ?? now),
        };
        var addresses = pod.Spec.HostNetwork ? [hostAddress]
            : seen.Addresses.Length > 0 ? seen.Addresses.AsEnumerable()
            : previous.PodIps.Select(ip => ip.Ip);
        status.PodIps.AddRange(addresses.Where(ip => ip.Length > 0).Select(ip => new PodIP { Ip = ip }));
        status.PodIp = status.PodIps.FirstOrDefault()?.Ip ?? "";
        var untold = pod.Spec.InitContainers.Count > 0 ? ContainerStatusRules.PodInitializing : ContainerStatusRules.ContainerCreating;
        status.InitContainerStatuses.AddRange(pod.Spec.InitContainers.Select(container => ContainerStatusRules.BuildInit(container, seen, notes, untold)));
        status.ContainerStatuses.AddRange(pod.Spec.Containers.Select(container => ContainerStatusRules.Build(container, seen, notes, untold)));
        var initialized = UnitOrder.IsInitialized(desired, seen, now);
        status.Phase = initialized ? PhaseOf(status, pod.Spec.RestartPolicy) : UnitOrder.IsFinished(desired, seen, now) ? "Failed" : "Pending";
        if (UnitOrder.IsOverdue(desired, seen, now)) TellOverdue(status, UnitOrder.IsFinished(desired, seen, now));
        AddConditions(status, seen, previous, now);
        status.Conditions.Add(InitializedCondition(desired, seen, initialized, previous, now));
        return status;
    }

    /// <summary>What still runs has its grace; the pod has failed when nothing does.</summary>
    private static void TellOverdue(PodStatus status, bool finished)
    {
        if (finished) status.Phase = "Failed";
        (status.Reason, status.Message) = (DeadlineExceeded, OverdueMessage);
    }

    private static string PhaseOf(PodStatus status, string restartPolicy)
    {
        int waiting = 0, stopped = 0, succeeded = 0;
        // Sidecars run on for a moment after the others.
        var running = status.InitContainerStatuses.Count(container => container.State.Running is not null);
        foreach (var container in status.ContainerStatuses)
        {
            if (container.State.Running is not null) running++;
            else if (container.State.Terminated is { } ended)
            {
                stopped++;
                if (ended.ExitCode == 0) succeeded++;
            }
            else if (container.LastState?.Terminated is not null) stopped++;
            else waiting++;
        }

        if (waiting > 0) return "Pending";
        if (running > 0) return "Running";
        if (stopped == 0) return "Pending";
        if (restartPolicy is "Always" or "") return "Running";
        if (stopped == succeeded) return "Succeeded";
        return restartPolicy == "Never" ? "Failed" : "Running";
    }

    private static void AddConditions(PodStatus status, WorkloadSnapshot seen, PodStatus previous, DateTimeOffset now)
    {
        var unready = status.InitContainerStatuses.Concat(status.ContainerStatuses).Where(container => !container.Ready)
            .Select(container => container.Name).ToList();
        var reason = status.Phase == "Succeeded" ? "PodCompleted" : status.Phase == "Failed" ? "PodFailed" : "ContainersNotReady";
        var message = status.Phase is "Succeeded" or "Failed" ? "" : $"containers with unready status: [{string.Join(' ', unready)}]";
        status.Conditions.Add(Conditions.Of("PodReadyToStartContainers", seen.Environment == EnvironmentState.Ready, "", "", previous.Conditions, now));
        status.Conditions.Add(Conditions.Of("Ready", unready.Count == 0, reason, message, previous.Conditions, now));
        status.Conditions.Add(Conditions.Of("ContainersReady", unready.Count == 0, reason, message, previous.Conditions, now));
    }

    private static Condition InitializedCondition(DesiredWorkload desired, WorkloadSnapshot seen, bool initialized, PodStatus previous, DateTimeOffset now)
    {
        var left = desired.Units.Where(unit => unit.Role != UnitRole.Main && !UnitOrder.IsPassed(unit, desired, seen)).Select(unit => unit.Name);
        var message = $"containers with incomplete status: [{string.Join(' ', left)}]";
        return Conditions.Of("Initialized", initialized, "ContainersNotInitialized", message, previous.Conditions, now);
    }
}
