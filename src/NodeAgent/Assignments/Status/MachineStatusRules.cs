using Google.Protobuf.WellKnownTypes;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.NodeAgent.Assignments.Status;

/// <summary>The status of a machine: its phase, its domain as dom0 sees it, and how its last run ended.</summary>
internal static class MachineStatusRules
{
    public static VirtualMachineStatus Build(
        DesiredWorkload desired, VirtualMachine machine, WorkloadSnapshot seen, IReadOnlyDictionary<string, UnitNote> notes,
        VirtualMachineStatus previous, string hostAddress, DateTimeOffset now)
    {
        var run = seen.Latest(DesiredWorkload.MachineUnit);
        var noted = notes.TryGetValue(DesiredWorkload.MachineUnit, out var note);
        var status = new VirtualMachineStatus
        {
            Phase = PhaseOf(desired, run, seen.Power),
            Reason = noted ? note.Reason : run is { State: UnitState.Exited } ? run.Reason : "",
            Message = noted ? note.Message : run is { State: UnitState.Exited } ? run.Message : "",
            ObservedGeneration = machine.Metadata.Generation,
            HostIp = hostAddress,
            RestartCount = run?.Attempt ?? 0,
            ImageId = run?.ImageId ?? "",
            Domain = seen.Domain,
            PowerCycleId = seen.Power?.CycleId ?? "",
            LastTermination = run is { State: UnitState.Exited } ? Ended(run) : previous.LastTermination,
            StartTime = run?.StartedAt is { } started ? Timestamp.FromDateTimeOffset(started) : null,
        };
        status.Interfaces.AddRange(seen.Interfaces);
        status.Snapshots.AddRange(seen.Snapshots);
        var running = run is { State: UnitState.Running } && seen.Power is not ({ Paused: true } or { Restarting: true });
        status.Conditions.Add(Conditions.Of("Ready", running, noted ? note.Reason : "GuestNotRunning", status.Message, previous.Conditions, now));
        return status;
    }

    private static string PhaseOf(DesiredWorkload desired, UnitRun? run, SeenPower? power) => run?.State switch
    {
        UnitState.Running when desired.Deleting || desired.Restart == RestartPolicy.Halted => "Stopping",
        UnitState.Running when power is { Restarting: true } => "Restarting",
        UnitState.Running when power is { Paused: true } => "Paused",
        UnitState.Running => "Running",
        _ when desired.Restart == RestartPolicy.Halted => "Stopped",
        null => "Scheduled",
        UnitState.Created => "Starting",
        _ when desired.Deleting => "Stopped",
        _ when desired.Restart == RestartPolicy.Always || run.ExitCode != 0 => "Starting",
        _ => "Succeeded",
    };

    private static ContainerStateTerminated Ended(UnitRun run)
    {
        var ended = ContainerStatusRules.Terminated(run);
        ended.ContainerId = "";
        return ended;
    }
}
