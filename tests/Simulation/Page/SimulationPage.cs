using System.Net;
using System.Text;
using Orchestrator.Simulation.Quality;

namespace Orchestrator.Simulation.Page;

/// <summary>The figures of one or several outcomes beside each other, and their course, in one file that needs no other.</summary>
internal static class SimulationPage
{
    private const string Style = """
        :root { color-scheme: light dark; --line-0: #2563eb; --line-1: #d97706; --line-2: #059669; --rule: #8884; }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 1360px; margin: 2rem auto; padding: 0 1rem; }
        table { border-collapse: collapse; margin: 1rem 0; }
        th, td { padding: .3rem 1rem; border-bottom: 1px solid var(--rule); text-align: right; }
        th:first-child, td:first-child { text-align: left; }
        main { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 1.5rem; }
        figure { margin: 0; } figcaption { font-weight: 600; }
        svg text { font-size: 11px; fill: currentColor; opacity: .7; } .grid { stroke: var(--rule); }
        .line { fill: none; stroke-width: 1.8; } .line-0 { stroke: var(--line-0); } .line-1 { stroke: var(--line-1); } .line-2 { stroke: var(--line-2); }
        .key-0 { color: var(--line-0); } .key-1 { color: var(--line-1); } .key-2 { color: var(--line-2); }
        """;

    private static readonly (string Title, string Unit, Func<Sample, double> Value)[] Charts =
    [
        ("CPU requested, part of what the hosts have", "%", sample => sample.CpuPercent),
        ("Memory requested, part of what the hosts have", "%", sample => sample.MemoryPercent),
        ("Fragmentation: free CPUs on hosts with no room for 2 CPUs and 4 GiB", "%", sample => sample.Fragmentation),
        ("Spread error: workloads too many in an owner's fullest zone", "", sample => sample.SpreadError),
        ("Workloads with a host", "", sample => sample.Placed),
        ("Workloads waiting for one", "", sample => sample.Waiting),
    ];

    public static string Of(string title, IReadOnlyList<Outcome> outcomes)
    {
        var page = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append("<meta name=\"viewport\" content=\"width=device-width\">")
            .Append($"<title>{WebUtility.HtmlEncode(title)}</title><style>{Style}</style></head>\n<body><h1>{WebUtility.HtmlEncode(title)}</h1>\n<table><tr><th></th>");
        for (var at = 0; at < outcomes.Count; at++) page.Append($"<th class=\"key-{at}\">{WebUtility.HtmlEncode(outcomes[at].Profile)}</th>");
        page.Append("</tr>\n");
        var columns = outcomes.Select(outcome => outcome.Rows().ToArray()).ToArray();
        for (var row = 0; row < columns[0].Length; row++)
        {
            page.Append($"<tr><td>{WebUtility.HtmlEncode(columns[0][row].Name)}</td>");
            foreach (var column in columns) page.Append($"<td>{WebUtility.HtmlEncode(column[row].Value)}</td>");
            page.Append("</tr>\n");
        }

        page.Append("</table>\n<main>\n");
        foreach (var (chart, unit, value) in Charts)
        {
            page.Append(LineChart.Draw(chart, unit, [.. outcomes.Select(outcome =>
                (outcome.Profile, (IReadOnlyList<(double, double)>)[.. outcome.Samples.Select(sample => (sample.At / 60_000.0, value(sample)))]))])).Append('\n');
        }

        return page.Append("</main></body></html>\n").ToString();
    }
}
