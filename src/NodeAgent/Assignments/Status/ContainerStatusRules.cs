using Google.Protobuf.WellKnownTypes;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Assignments.Status;

/// <summary>The state of one container: running, terminated for good, or waiting with the reason.</summary>
internal static class ContainerStatusRules
{
    public const string ContainerCreating = "ContainerCreating";
    public const string PodInitializing = "PodInitializing";

    /// <param name="untold">Why it waits when nothing is noted about it.</param>
    public static ContainerStatus Build(Container container, WorkloadSnapshot seen, IReadOnlyDictionary<string, UnitNote> notes, string untold)
    {
        var runs = seen.Runs.Where(run => run.Unit == container.Name).ToList();
        var latest = runs.FirstOrDefault();
        var running = latest?.State == UnitState.Running;
        var status = new ContainerStatus
        {
            Name = container.Name,
            Image = container.Image,
            ImageId = latest?.ImageId ?? "",
            ContainerId = IdOf(latest),
            RestartCount = latest?.Attempt ?? 0,
            Ready = running && latest!.Ready,
            Started = running && latest!.Started,
            State = new ContainerState(),
        };
        var waits = latest is null or { State: UnitState.Created } || (!running && notes.ContainsKey(container.Name));
        if (running) status.State.Running = new ContainerStateRunning { StartedAt = TimeOf(latest!.StartedAt) };
        else if (waits) status.State.Waiting = WaitingOf(notes, container.Name, untold);
        else status.State.Terminated = Terminated(latest!);

        var ended = runs.FirstOrDefault(run => run.State == UnitState.Exited && (waits || run != latest));
        if (ended is not null) status.LastState = new ContainerState { Terminated = Terminated(ended) };
        return status;
    }

    /// <summary>An init container is there for its success, not to run; a sidecar is as any other container.</summary>
    public static ContainerStatus BuildInit(Container container, WorkloadSnapshot seen, IReadOnlyDictionary<string, UnitNote> notes, string untold)
    {
        var status = Build(container, seen, notes, untold);
        if (!PodContainers.IsSidecar(container)) status.Ready = status.State.Terminated is { ExitCode: 0 };
        return status;
    }

    public static ContainerStateTerminated Terminated(UnitRun run) => new()
    {
        ExitCode = run.ExitCode,
        Reason = run.Reason.Length > 0 ? run.Reason : run.ExitCode == 0 ? "Completed" : "Error",
        Message = run.Message,
        StartedAt = TimeOf(run.StartedAt),
        FinishedAt = TimeOf(run.FinishedAt),
        ContainerId = IdOf(run),
    };

    private static ContainerStateWaiting WaitingOf(IReadOnlyDictionary<string, UnitNote> notes, string name, string untold)
        => notes.TryGetValue(name, out var note)
            ? new ContainerStateWaiting { Reason = note.Reason, Message = note.Message }
            : new ContainerStateWaiting { Reason = untold };

    private static string IdOf(UnitRun? run) => run is null ? "" : $"containerd://{run.Id}";

    private static Timestamp? TimeOf(DateTimeOffset? time) => time is { } known ? Timestamp.FromDateTimeOffset(known) : null;
}
