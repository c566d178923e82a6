using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Ranking;

/// <summary>The ranking rules with the weights of one profile, and the order of hosts that they make.</summary>
internal sealed class RankingProfile
{
    public RankingProfile(SchedulerProfile profile)
    {
        OfHosts = RankingRules.OfHosts.Select(rule => (rule, profile.WeightOf(rule.Name, rule.Weight))).Where(pair => pair.Item2 > 0).ToArray();
        OfPlaces = RankingRules.OfPlaces().Select(rule => (rule, profile.WeightOf(rule.Name, rule.Weight))).Where(pair => pair.Item2 > 0).ToArray();
    }

    public (RankingRule Rule, int Weight)[] OfHosts { get; }

    public (PlaceRankingRule Rule, int Weight)[] OfPlaces { get; }

    public int Score(HostBlock block, int slot, CompiledWorkload workload)
    {
        var score = 0;
        foreach (var (rule, weight) in OfHosts) score += weight * rule.Score(block, slot, workload);
        return score;
    }

    /// <summary>
    /// A number that orders hosts: the higher score first, then the fewer workloads. Two equal hosts go by name, which is
    /// the only thing that tells them apart.
    /// </summary>
    public long Order(HostBlock block, int slot, CompiledWorkload workload) =>
        ((long)Score(block, slot, workload) << 32) | (uint)(int.MaxValue - (int)Math.Clamp(block.Used.Pods[slot], 0, int.MaxValue));

    public static int ScoreOf(long order) => (int)(order >> 32);
}
