using System.CommandLine;
using System.Globalization;
using Orchestrator.Simulation.Load;
using Orchestrator.Simulation.Page;

var hosts = new Option<int>("--hosts") { Description = "hosts of the standard cluster", DefaultValueFactory = _ => 200 };
var workloads = new Option<int>("--workloads") { Description = "workloads of the standard mix", DefaultValueFactory = _ => 5_000 };
var minutes = new Option<int>("--minutes") { Description = "the time in which they come", DefaultValueFactory = _ => 60 };
var seed = new Option<int>("--seed") { Description = "another seed is another cluster", DefaultValueFactory = _ => 1 };
var faults = new Option<int>("--faults") { Description = "hosts that fail or are cordoned, workloads that end early or become more important", DefaultValueFactory = _ => 0 };
var schedulers = new Option<int>("--schedulers") { Description = "schedulers that plan at once, each its share", DefaultValueFactory = _ => 1 };
var contend = new Option<bool>("--contend") { Description = "every scheduler tries every workload" };
var profile = new Option<string[]>("--profile") { Description = $"ways of ranking to compare: {string.Join(", ", Profiles.Names)}", DefaultValueFactory = _ => [Profiles.Default], AllowMultipleArgumentsPerToken = true };
var recording = new Option<FileInfo>("--recording") { Description = "a cluster of your own: what `orc get nodes,pods,vms -A -o json` printed" };
var page = new Option<FileInfo>("--page") { Description = "where the page with the charts goes", DefaultValueFactory = _ => new FileInfo("artifacts/simulation.html") };
var fill = new Option<bool>("--fill") { Description = "only count what is placed, none of it ending, before the first workload that finds no room" };
profile.AcceptOnlyFromAmong([.. Profiles.Names]);
recording.AcceptExistingOnly();
foreach (var positive in new[] { hosts, workloads, minutes, schedulers })
    positive.Validators.Add(result => { if (result.GetValue(positive) < 1) result.AddError($"{positive.Name} must be at least 1"); });

var root = new RootCommand("Runs the real scheduler on a cluster that does not exist.") { hosts, workloads, minutes, seed, faults, schedulers, contend, profile, recording, page, fill };
root.SetAction(parsed =>
{
    var scenario = Read(parsed);
    var names = parsed.GetRequiredValue(profile).Distinct().ToArray();
    if (parsed.GetValue(fill))
    {
        scenario = Scenario.Filling(parsed.GetValue(hosts), parsed.GetValue(seed));
        foreach (var name in names) Console.WriteLine($"{name,-20} {scenario.Fill(name),8} workloads placed before the first that found no room");
        return 0;
    }

    var outcomes = names.Select(scenario.Run).ToArray();
    foreach (var row in outcomes.SelectMany(outcome => outcome.Rows()).GroupBy(row => row.Name))
        Console.WriteLine($"{row.Key,-30}{string.Concat(row.Select(one => $"{one.Value,22}"))}");
    var file = parsed.GetRequiredValue(page);
    file.Directory!.Create();
    var title = string.Create(CultureInfo.InvariantCulture, $"{scenario.Hosts.Count} hosts, {scenario.Arrivals.Count} workloads in {scenario.Within / 60_000} minutes");
    File.WriteAllText(file.FullName, SimulationPage.Of(title, outcomes));
    Console.WriteLine($"charts: {file}");
    return 0;
});

try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (FormatException unreadable)
{
    Console.Error.WriteLine(unreadable.Message);
    return 1;
}

Scenario Read(ParseResult parsed)
{
    var scenario = Scenario.Standard(parsed.GetValue(hosts), parsed.GetValue(workloads), parsed.GetValue(minutes), parsed.GetValue(seed));
    if (parsed.GetValue(recording) is { } file && Recording.Read(file.FullName) is var recorded)
        scenario = scenario with { Hosts = recorded.Hosts, Arrivals = recorded.Arrivals };
    return scenario with { Faults = parsed.GetValue(faults), Schedulers = parsed.GetValue(schedulers), Contending = parsed.GetValue(contend) };
}
