using Orchestrator.Scheduler.Feasibility;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Preemption;

/// <summary>
/// Whether a workload would fit on a host without some of those that are there, tried on a copy. What is counted for the workload in
/// its places is changed with it, and put back by <see cref="Undo"/>.
/// </summary>
internal sealed class HostTrial(CompiledWorkload workload, HostBlock draft, HostBlock scratch, Func<WorkloadTraits, int> idOf)
{
    private readonly List<(int Traits, int By)> _shifts = [];
    private int _slot;

    public void Begin(int slot) => _slot = slot;

    public void Remove(Resident resident) => Change(-resident.Requests, idOf(resident.Traits), -1);

    public void PutBack(Resident resident) => Change(resident.Requests, idOf(resident.Traits), 1);

    public bool Fits() =>
        FeasibilityRules.WithRoom(scratch, workload, 1UL << _slot) != 0
        && (workload.Neighborhood is not { } neighborhood
            || FeasibilityRules.AllowPlace(neighborhood, neighborhood.Groups.GroupOf[scratch.First + _slot]));

    public void Undo()
    {
        scratch.Used[_slot] = draft.Used[_slot];
        scratch.Traits[_slot] = draft.Traits[_slot];
        foreach (var (traits, by) in _shifts) workload.Neighborhood?.Shift(scratch.First + _slot, traits, -by);
        _shifts.Clear();
    }

    private void Change(ResourceVector amount, int traits, int by)
    {
        scratch.Used[_slot] += amount;
        scratch.Traits[_slot] = TraitCount.Changed(scratch.Traits[_slot], traits, by);
        if (workload.Neighborhood is not { } neighborhood) return;
        neighborhood.Shift(scratch.First + _slot, traits, by);
        _shifts.Add((traits, by));
    }
}
