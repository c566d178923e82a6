using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Fingerprint;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.NodeAgent.Assignments.Status;

/// <summary>
/// Turns what is desired and what is seen into the status that a user reads. It remembers the last status that it
/// built; before the first it takes the one that the object carries, so times of transition survive an agent.
/// </summary>
internal sealed class StatusReport(HostAddress address)
{
    private PodStatus? _pod;
    private VirtualMachineStatus? _machine;

    public WorkloadReport Build(DesiredWorkload desired, WorkloadSnapshot seen, IReadOnlyDictionary<string, UnitNote> notes, DateTimeOffset now)
    {
        var report = new WorkloadReport { Workload = desired.Id.ToReference() };
        if (desired.Pod is { } pod)
            report.Pod = _pod = PodStatusRules.Build(desired, pod, seen, notes, _pod ?? pod.Status ?? new PodStatus(), address.Value, now);
        else if (desired.Machine is { } machine)
            report.VirtualMachine = _machine = MachineStatusRules.Build(
                desired, machine, seen, notes, _machine ?? machine.Status ?? new VirtualMachineStatus(), address.Value, now);
        return report;
    }
}
