using Orchestrator.Scheduler;

namespace Orchestrator.Silo.Scheduling;

/// <summary>
/// How hosts are ranked. <c>Scheduling:Profiles:NAME:RULE = WEIGHT</c>: for workloads whose <c>schedulerName</c> is NAME, the rule counts
/// WEIGHT times; 0 leaves it out. What is not named keeps its own weight.
/// </summary>
internal sealed class SchedulingOptions
{
    private const int MaximumWeight = 1_000;

    public Dictionary<string, Dictionary<string, int>> Profiles { get; set; } = [];

    public PlanSettings Settings() => new(Profiles.Select(profile => new SchedulerProfile(profile.Key, profile.Value)).ToList());

    /// <summary>Rules that don't exist and weights that make no sense.</summary>
    public IEnumerable<string> Problems() =>
        from profile in Profiles
        from weight in profile.Value
        where !SchedulerProfile.DefaultWeights.ContainsKey(weight.Key) || weight.Value is < 0 or > MaximumWeight
        select $"Scheduling:Profiles:{profile.Key}:{weight.Key} = {weight.Value}: rules are {string.Join(", ", SchedulerProfile.DefaultWeights.Keys)}, weights 0 to {MaximumWeight}.";
}
