using Orchestrator.Scheduler.Ranking;

namespace Orchestrator.Scheduler;

/// <summary>How plans are made. <paramref name="Profiles"/> say how schedulers of other names rank hosts.</summary>
public sealed record PlanSettings(IReadOnlyList<SchedulerProfile> Profiles)
{
    public static readonly PlanSettings Default = new([]);

    /// <summary>What the kept scores of all classes may take together, in numbers: 64 MB.</summary>
    private const int MostNumbers = 8 << 20;

    /// <summary>How many classes may keep their scores at a time, on so many hosts; the others are scored anew each time.</summary>
    internal Func<int, int> KeptClasses { get; init; } = hosts => Math.Clamp(MostNumbers / Math.Max(1, hosts), 8, 1024);

    /// <summary>Made anew for each plan: rules keep what they have counted.</summary>
    internal RankingProfiles Ranking() => new(Profiles);
}
