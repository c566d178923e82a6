using Orchestrator.Api.V1;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Scheduler;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Hosts;
using Outcome = Orchestrator.Api.V1.PlannedWorkload.Types.Outcome;

namespace Orchestrator.Silo.Scheduling;

/// <summary>Plans workloads that nobody has stored, with the scheduler that would place them, and says what would become of each.</summary>
internal sealed class TrialPlan(ClusterSnapshot snapshot, Assignments assignments, Gangs gangs, PlanSettings settings)
{
    public PlanResponse Of(IReadOnlyList<Trial> trials)
    {
        var pending = trials.Where(trial => trial.Host.Length == 0).Select(View).ToArray();
        var plan = Planner.Plan(snapshot, pending, settings);
        var planned = new Dictionary<ObjectKey, PlannedWorkload>();
        foreach (var placement in plan.Placements) planned[placement.Workload.Key] = new() { Outcome = Outcome.Placed, NodeName = placement.Host.Value };
        foreach (var unplaced in plan.Unplaced) planned[unplaced.Workload.Key] = Describe(unplaced);
        foreach (var nomination in plan.Nominations) planned[nomination.Workload.Key] = Describe(nomination);

        var response = new PlanResponse { Hosts = snapshot.Hosts.Count() };
        foreach (var trial in trials)
        {
            var key = ObjectKey.Parse(trial.Key);
            var one = trial.Host.Length > 0 ? new PlannedWorkload { Outcome = Outcome.Stays, NodeName = trial.Host } : planned[key];
            one.Resource = new ResourceName { Group = key.Resource.Group, Resource = key.Resource.Plural };
            (one.Namespace, one.Name) = (key.Namespace, key.Name);
            response.Workloads.Add(one);
        }

        return response;
    }

    private WorkloadView View(Trial trial)
    {
        var key = ObjectKey.Parse(trial.Key);
        return gangs.Joined(assignments.View(new StoredObject(key, KindCatalog.Find(key.Resource)!, Revision.None, trial.Bytes)));
    }

    private static PlannedWorkload Describe(Unplaced unplaced) => new()
    {
        Outcome = Outcome.Unplaced,
        Reason = unplaced.Reason,
        Nearest = { unplaced.Explanation.Nearest.Select(ExplanationText.Describe) },
    };

    private static PlannedWorkload Describe(Nomination nomination) => new()
    {
        Outcome = Outcome.MakesRoom,
        NodeName = nomination.Host.Value,
        Victims = { nomination.Victims.Select(victim => $"{victim.Key.Resource.Plural} {victim.Key.Namespace}/{victim.Key.Name}") },
    };
}
