using Orchestrator.Scheduler.Feasibility;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler;

/// <summary>
/// Decides which workload goes to which host. Pure: the same snapshot and the same pending workloads give the same plan.
/// A plan is a proposal; the host that is to take a workload has the last word on its own room.
/// </summary>
public static class Planner
{
    /// <summary>Places each workload on the best host that can take it, the ones placed before it in the batch counted in.</summary>
    public static Plan Plan(ClusterSnapshot snapshot, IReadOnlyList<WorkloadView> pending, PlanSettings? settings = null) =>
        new Batch(snapshot, pending, settings ?? PlanSettings.Default).Run();

    /// <summary>
    /// Why one host cannot take the workload, by all that the host itself can decide; null if it can. What is in other places, only
    /// whoever sees the whole cluster knows.
    /// </summary>
    public static string? Refusal(HostView host, WorkloadView workload)
    {
        var alone = workload with { Spread = [], Traits = new WorkloadTraits { Namespace = workload.Traits.Namespace, Ports = workload.Traits.Ports } };
        var draft = new Draft(ClusterSnapshot.Of([host]), [alone.Traits], PlanSettings.Default.Ranking());
        var compiled = new CompiledWorkload(WorkloadShape.Of(alone), draft);
        if (compiled.Neighborhood is null && HasRoom(draft.Blocks[0], compiled)) return null;
        var explanation = Explainer.Explain(draft, compiled);
        return explanation.FeasibleHosts > 0 ? null : explanation.Summary;
    }

    /// <summary>Why the workload can or cannot go to each host, as things stand.</summary>
    public static Explanation Explain(ClusterSnapshot snapshot, WorkloadView workload, PlanSettings? settings = null)
    {
        var draft = new Draft(snapshot, [workload.Traits], (settings ?? PlanSettings.Default).Ranking());
        return Explainer.Explain(draft, new CompiledWorkload(WorkloadShape.Of(workload), draft));
    }

    /// <summary>Most offers are taken, and then nobody asks why: the rules are asked without their reasons.</summary>
    private static bool HasRoom(HostBlock block, CompiledWorkload workload) =>
        FeasibilityRules.WithRoom(block, workload, FeasibilityRules.Candidates(block, workload, block.Present)) != 0;
}
