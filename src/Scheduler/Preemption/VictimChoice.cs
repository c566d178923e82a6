using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Preemption;

/// <summary>The workloads of one host that must end for another to fit, and what that costs.</summary>
internal sealed record Victims(int Slot, Resident[] Residents, VictimCost Cost);

/// <summary>
/// Finds the fewest and least important victims of one host, as Kubernetes does: without all that are less important the workload
/// must fit; then one after the other is put back, those under a spent budget and the most important first, and stays if the workload
/// still fits. What is ending anyway costs nothing.
/// </summary>
internal sealed class VictimChoice(Draft draft, Budgets budgets, HashSet<string> ending)
{
    public Victims? On(int slot, int priority, CompiledWorkload workload, HostBlock scratch)
    {
        var block = draft.Blocks[slot / HostBlock.Size];
        var residents = block.Host(slot % HostBlock.Size).Residents;
        var going = residents.Where(IsEnding).ToList();
        var lower = residents.Where(one => one.Priority < priority && !IsEnding(one))
            .OrderByDescending(one => one.Priority).ThenBy(one => one.Sequence).ThenBy(one => one.Key).ToList();
        if (going.Count + lower.Count == 0) return null;

        var trial = new HostTrial(workload, block, scratch, draft.Symbols.Traits.Find);
        trial.Begin(slot % HostBlock.Size);
        foreach (var resident in going) trial.Remove(resident);
        foreach (var resident in lower) trial.Remove(resident);
        var victims = trial.Fits() ? Reprieve(trial, slot, lower) : null;
        trial.Undo();
        return victims;
    }

    private bool IsEnding(Resident resident) => resident.Traits.Terminating || ending.Contains(resident.Uid);

    private Victims Reprieve(HostTrial trial, int slot, List<Resident> lower)
    {
        var broken = budgets.Broken(lower);
        var order = Enumerable.Range(0, lower.Count).OrderByDescending(at => broken[at]);
        var (victims, cost) = (new List<Resident>(), VictimCost.None);
        foreach (var at in order)
        {
            trial.PutBack(lower[at]);
            if (trial.Fits()) continue;
            trial.Remove(lower[at]);
            victims.Add(lower[at]);
            cost = cost.With(lower[at], broken[at]);
        }

        return new Victims(slot, [.. victims], cost);
    }
}
