namespace Orchestrator.Scheduler;

/// <summary>
/// How a scheduler of one name ranks hosts: the weights of rules where they differ from the rules' own. Weight 0 leaves a rule out.
/// </summary>
public sealed record SchedulerProfile(string Name, IReadOnlyDictionary<string, int> Weights)
{
    /// <summary>The names of all ranking rules, and their weights where no profile says otherwise.</summary>
    public static IReadOnlyDictionary<string, int> DefaultWeights { get; } =
        Ranking.RankingRules.Defaults.ToDictionary(rule => rule.Name, rule => rule.Weight, StringComparer.Ordinal);

    internal int WeightOf(string rule, int own) => Weights.TryGetValue(rule, out var weight) ? weight : own;
}
