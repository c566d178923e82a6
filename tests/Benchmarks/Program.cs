using System.Globalization;
using Orchestrator.Benchmarks;
using Orchestrator.Benchmarks.Reporting;
using Orchestrator.Benchmarks.Rings;
using Orchestrator.Benchmarks.Skeleton;

if (args is [BlockServer.Word, var socket, var disk]) return BlockServer.Run(socket, disk);
if (args is [SwitchServer.Word, var first, var second]) return SwitchServer.Run(first, second);
if (args is [TapPair.Word, var bytes, var warmUp, var seconds])
    return TapPair.Run(int.Parse(bytes, CultureInfo.InvariantCulture), double.Parse(warmUp, CultureInfo.InvariantCulture), double.Parse(seconds, CultureInfo.InvariantCulture));

var alone = args is ["rings", ..] ? Suites.Rings : Suites.Scheduler;
if (args is ["scheduler" or "rings", "--output", var file, .. var chosen] && Suites.Knows(alone, chosen))
{
    var figures = new Report(file);
    foreach (var measure in Suites.Chosen(alone, chosen)) await figures.AddAsync(measure().ToAsyncEnumerable());
    return figures.Close() ? 0 : 1;
}

var ofSilo = args is ["placing", ..] ? Suites.Placing : Suites.Api;
if (args is ["api" or "placing", "--directory", var folder, "--output", var table, .. var wanted] && Suites.Knows(ofSilo, wanted))
{
    var figures = new Report(table);
    foreach (var measure in Suites.Chosen(ofSilo, wanted)) await figures.AddAsync(measure(Path.Combine(folder, "bench-api")));
    return figures.Close() ? 0 : 1;
}

if (args is not ["skeleton", "--directory", var directory, "--port", var port, "--output", var output, .. var parts] || !Suites.Knows(Suites.Skeleton, parts))
{
    Console.Error.WriteLine(Suites.Usage);
    return 2;
}

using var cluster = new BenchCluster(directory, int.Parse(port, CultureInfo.InvariantCulture));
var report = new Report(output);
foreach (var measure in Suites.Chosen(Suites.Skeleton, parts)) await report.AddAsync(measure(cluster));
return report.Close() ? 0 : 1;
