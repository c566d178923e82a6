using Orchestrator.NodeAgent.Assignments.Status;
using Orchestrator.NodeAgent.Connection;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Probes;

namespace Orchestrator.NodeAgent.Assignments;

/// <summary>Why a unit doesn't run yet, in the words of its status.</summary>
internal readonly record struct UnitNote(string Reason, string Message);

/// <summary>What the hooks of one workload share during one reconciliation. Only the workload's runner touches it.</summary>
internal sealed class WorkloadContext(WorkloadId id, IWorkloadDriver driver, PodProbes probes, Outbox outbox, StatusReport status, TimeProvider time)
{
    public WorkloadId Id => id;

    public IWorkloadDriver Driver => driver;

    /// <summary>Null if it shall not be here.</summary>
    public DesiredWorkload? Desired { get; set; }

    public WorkloadSnapshot Snapshot { get; private set; } = new() { Id = id };

    public Dictionary<string, UnitNote> Notes { get; } = [];

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>A deadline that had not passed then.</summary>
    public DateTimeOffset? DeadlineAfter(DateTimeOffset then) => Desired?.Deadline(Snapshot) is { } deadline && deadline > then ? deadline : null;

    public UnitStep Step(DesiredUnit unit) => UnitOrder.Decide(unit, Desired!, Snapshot, Now);

    public async Task RefreshAsync(CancellationToken cancellation) => Snapshot = probes.Judge(Desired, await driver.GetAsync(id, cancellation));

    public void Normal(string reason, string message, string? unit = null) => outbox.Event(id, "Normal", reason, message, PathOf(unit));

    public void Warn(string reason, string message, string? unit = null) => outbox.Event(id, "Warning", reason, message, PathOf(unit));

    public void Publish()
    {
        if (Desired is not null) outbox.Report(id, status.Build(Desired, Snapshot, Notes, Now));
    }

    public void ReportGone() => outbox.Gone(id);

    private string PathOf(string? unit)
    {
        if (unit is null || id.Kind == WorkloadKind.VirtualMachine) return "";
        var list = Desired?.Pod?.Spec.InitContainers.Any(container => container.Name == unit) == true ? "initContainers" : "containers";
        return $"spec.{list}{{{unit}}}";
    }
}
