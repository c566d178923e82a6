using Orchestrator.Api.V1;
using Orchestrator.Scheduler;

namespace Orchestrator.Silo.Scheduling;

/// <summary>From the scheduler's explanation to the API's.</summary>
internal static class ExplanationText
{
    public static ExplainResponse Describe(string host, Explanation explanation)
    {
        var response = new ExplainResponse
        {
            NodeName = host,
            Summary = host.Length > 0 ? $"It is bound to {host}. As things stand, without it: {explanation.Summary}" : explanation.Summary,
            Hosts = explanation.Hosts,
            FeasibleHosts = explanation.FeasibleHosts,
        };
        foreach (var removal in explanation.Removals)
            response.Rules.Add(new RuleVerdict { Rule = removal.Rule, Removed = removal.Hosts, Reason = string.Join("; ", removal.Reasons.Select(Describe)) });
        response.Nearest.Add(explanation.Nearest.Select(Describe));
        foreach (var ranked in explanation.Feasible)
        {
            var score = new HostScore { Host = ranked.Host.Value, Total = ranked.Score };
            foreach (var rule in ranked.Scores) score.ByRule[rule.Rule] = rule.Score * rule.Weight;
            response.Scores.Add(score);
        }

        return response;
    }

    public static NearMiss Describe(NearestHost near) => new()
    {
        Host = near.Host.Value,
        Lacks = { near.Lacks.Select(lack => lack.ToString()) },
        Remedies = { near.Lacks.Select(lack => lack.Remedy) },
    };

    private static string Describe(RemovalReason reason) =>
        reason.Detail.Length == 0 ? $"{reason.Hosts} {reason.Reason}" : $"{reason.Hosts} {reason.Reason} ({reason.Detail})";
}
