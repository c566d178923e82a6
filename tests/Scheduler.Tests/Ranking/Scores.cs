namespace Orchestrator.Scheduler.Tests.Ranking;

/// <summary>What one rule says of the feasible hosts.</summary>
internal static class Scores
{
    public static Dictionary<string, int> Of(string rule, IEnumerable<HostView> hosts, WorkloadView workload, PlanSettings? settings = null) =>
        Planner.Explain(ClusterSnapshot.Of(hosts), workload, settings).Feasible
            .ToDictionary(host => host.Host.Value, host => host.Scores.Single(score => score.Rule == rule).Score);

    public static int Of(string rule, HostView host, WorkloadView workload, PlanSettings? settings = null) =>
        Of(rule, [host], workload, settings).Values.Single();
}
