namespace Orchestrator.Scheduler.Ranking;

/// <summary>The profiles of one plan. A scheduler's name without a profile ranks by the rules' own weights.</summary>
internal sealed class RankingProfiles(IEnumerable<SchedulerProfile> profiles)
{
    private readonly RankingProfile _default = new(new SchedulerProfile("", new Dictionary<string, int>()));
    private readonly Dictionary<string, RankingProfile> _profiles =
        profiles.ToDictionary(profile => profile.Name, profile => new RankingProfile(profile), StringComparer.Ordinal);

    public RankingProfile Of(string schedulerName) => _profiles.GetValueOrDefault(schedulerName, _default);
}
