using Orchestrator.Scheduler;

namespace Orchestrator.Simulation.Load;

/// <summary>The ways of ranking that a simulation can compare, by name.</summary>
internal static class Profiles
{
    public const string Default = "default";

    private static readonly Dictionary<string, Dictionary<string, int>> Weights = new()
    {
        [Default] = [],
        ["least-allocated"] = Only("LeastAllocated"),
        ["best-fit"] = Only("MostAllocated"),
    };

    public static IEnumerable<string> Names => Weights.Keys;

    public static PlanSettings Of(string name) => new([new SchedulerProfile(WorkloadView.DefaultScheduler, Weights[name])]);

    private static Dictionary<string, int> Only(string rule) => SchedulerProfile.DefaultWeights.Keys.ToDictionary(key => key, key => key == rule ? 1 : 0);
}
