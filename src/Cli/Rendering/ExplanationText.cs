using System.Globalization;
using Orchestrator.Api.V1;

namespace Orchestrator.Cli.Rendering;

/// <summary>Why a workload is where it is: the summary, then a table a part that has something to say.</summary>
internal static class ExplanationText
{
    public static void Write(TextWriter output, string workload, ExplainResponse explanation, bool headers)
    {
        output.WriteLine(explanation.Summary.Length > 0 ? $"{workload}: {explanation.Summary}" : workload);
        if (explanation.NodeName.Length > 0) output.WriteLine($"Node:  {explanation.NodeName}");
        output.WriteLine($"Hosts: {explanation.FeasibleHosts} of {explanation.Hosts} can take it");
        Table(output, headers, ["RULE", "REMOVED", "REASON"], explanation.Rules.Where(rule => rule.Removed > 0)
            .OrderByDescending(rule => rule.Removed)
            .Select(rule => (IReadOnlyList<string>)[rule.Rule, rule.Removed.ToString(CultureInfo.InvariantCulture), rule.Reason]));
        Table(output, headers, ["NEAREST", "LACKS", "WOULD FIT WITH"], explanation.Nearest
            .Select(miss => (IReadOnlyList<string>)[miss.Host, string.Join("; ", miss.Lacks), string.Join("; ", miss.Remedies)]));
        Scores(output, headers, explanation);
    }

    private static void Scores(TextWriter output, bool headers, ExplainResponse explanation)
    {
        var rules = explanation.Scores.SelectMany(score => score.ByRule.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        var rows = explanation.Scores.OrderByDescending(score => score.Total).Select(score => (IReadOnlyList<string>)
        [
            score.Host == explanation.NodeName ? $"{score.Host} *" : score.Host, Number(score.Total),
            .. rules.Select(rule => score.ByRule.TryGetValue(rule, out var value) ? Number(value) : ""),
        ]);
        Table(output, headers, ["HOST", "SCORE", .. rules.Select(rule => rule.ToUpperInvariant())], rows);
    }

    private static void Table(TextWriter output, bool headers, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0) return;
        output.WriteLine();
        if (headers) all.Insert(0, header);
        new TablePrinter(output).Print(all);
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
