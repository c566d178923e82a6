using Orchestrator.Api.V1;
using Outcome = Orchestrator.Api.V1.PlannedWorkload.Types.Outcome;

namespace Orchestrator.Cli.Rendering;

/// <summary>Where workloads would go: a row each, then what would help those that fit nowhere, then the sum.</summary>
internal static class PlanText
{
    private const int NearestHosts = 3;

    public static void Write(TextWriter output, PlanResponse plan, bool headers)
    {
        var rows = plan.Workloads.Select(one => (IReadOnlyList<string>)[Name(one), one.NodeName.Length > 0 ? one.NodeName : "<none>", Note(one)]).ToList();
        if (headers && rows.Count > 0) rows.Insert(0, ["WORKLOAD", "HOST", "NOTE"]);
        new TablePrinter(output).Print(rows);
        // Workloads that differ only by name lack the same: it is said once.
        var lacking = plan.Workloads.Where(one => one.Outcome == Outcome.Unplaced)
            .DistinctBy(one => (one.Reason, string.Join(';', one.Nearest.Select(near => near.Host))));
        foreach (var one in lacking) WriteRemedies(output, one);
        output.WriteLine();
        output.WriteLine(Sum(plan));
    }

    private static void WriteRemedies(TextWriter output, PlannedWorkload workload)
    {
        if (workload.Nearest.Count == 0) return;
        output.WriteLine();
        output.WriteLine($"{Name(workload)} would fit");
        foreach (var near in workload.Nearest.Take(NearestHosts)) output.WriteLine($"  on {near.Host}: {string.Join("; ", near.Remedies)}");
    }

    private static string Note(PlannedWorkload workload) => workload.Outcome switch
    {
        Outcome.Stays => "is there already",
        Outcome.MakesRoom when workload.Victims.Count > 0 => $"ends {string.Join(", ", workload.Victims)}",
        Outcome.MakesRoom => "once those that are ending are gone",
        Outcome.Unplaced => workload.Reason,
        _ => "fits",
    };

    private static string Sum(PlanResponse plan)
    {
        var unplaced = plan.Workloads.Count(one => one.Outcome == Outcome.Unplaced);
        var others = plan.Others.Count == 0 ? "" : $"; no workload comes of {string.Join(", ", plan.Others.OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Value} {kind.Key}"))}";
        return $"{plan.Workloads.Count - unplaced} of {plan.Workloads.Count} workloads would run on {plan.Hosts} host{(plan.Hosts == 1 ? "" : "s")}{others}";
    }

    private static string Name(PlannedWorkload workload) =>
        $"{(workload.Resource.Resource == "virtualmachines" ? "vm" : "pod")}/{workload.Name}";
}
