using System.Text.Json.Nodes;
using Orchestrator.Benchmarks.Reporting;

namespace Orchestrator.Benchmarks.Rest;

/// <summary>Lists of 10,000 pods, what they cost in memory, and how soon watchers hear of a change.</summary>
internal static class Reading
{
    private const int Pods = 10_000;
    private const int Writers = 32;
    private const string Path = "/api/v1/namespaces/default/pods";

    public static async IAsyncEnumerable<Figure> MeasureAsync(string directory)
    {
        var silo = await BenchSilo.StartAsync(directory);
        try
        {
            yield return Kubernetes.Memory("memory, idle", silo.MemoryMegabytes, 490);
            await BenchSilo.EachAsync(Writers, Pods, number => silo.SendAsync(HttpMethod.Post, Path, Pod($"pod-{number}", number)));
            yield return Kubernetes.Time($"list of {Pods} pods, JSON, first", await TimeAsync(() => silo.SendAsync(HttpMethod.Get, Path)), 1400);
            yield return Kubernetes.Time($"list of {Pods} pods, JSON, median of 5", await MedianAsync(() => silo.SendAsync(HttpMethod.Get, Path)), 500);
            yield return new Figure($"list of {Pods} pods, pages of 500", await MedianAsync(() => PagesAsync(silo)), "ms");
            yield return new Figure($"list of {Pods} pods, one in 100 by label", await MedianAsync(() => silo.SendAsync(HttpMethod.Get, $"{Path}?labelSelector=group%3D7")), "ms");
            yield return Kubernetes.Memory($"memory, {Pods} pods", silo.MemoryMegabytes, 1830);
            foreach (var (watchers, peer) in new (int, double?)[] { (1, 4.1), (100, 6.9), (1000, null) })
            {
                var (median, last) = await WatchLatency.MeasureAsync(silo, watchers);
                var name = $"watch, send to event, {watchers} watcher{(watchers == 1 ? "" : "s")}";
                yield return peer is { } before ? Kubernetes.Time($"{name}, median", median, before) : new Figure($"{name}, median", median, "ms");
                yield return new Figure($"{name}, 99th percentile", last, "ms");
            }
        }
        finally
        {
            await silo.DisposeAsync();
            silo.DeleteStore();
        }
    }

    private static string Pod(string name, int number) =>
        $$$"""{"metadata":{"name":"{{{name}}}","labels":{"app":"bench","group":"{{{number % 100}}}"}},"spec":{"schedulingGates":[{"name":"example.com/held"}],"containers":[{"name":"main","image":"localhost/orchestrator/web:1","resources":{"requests":{"cpu":"100m","memory":"64Mi"}},"env":[{"name":"A","value":"b"}]}]}}""";

    private static async Task PagesAsync(BenchSilo silo)
    {
        var next = "";
        do
        {
            var page = JsonNode.Parse(await silo.Client.GetStringAsync(new Uri($"{Path}?limit=500&continue={next}", UriKind.Relative)))!;
            next = (string?)page["metadata"]!["continue"] ?? "";
        }
        while (next.Length > 0);
    }

    private static async Task<double> MedianAsync(Func<Task> request)
    {
        var times = new List<double>();
        for (var run = 0; run < 5; run++) times.Add(await TimeAsync(request));
        return Samples.Median(times);
    }

    private static async Task<double> TimeAsync(Func<Task> request)
    {
        var started = TimeProvider.System.GetTimestamp();
        await request();
        return Samples.MillisecondsSince(started);
    }
}
