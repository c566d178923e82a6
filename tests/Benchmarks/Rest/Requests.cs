using System.Collections.Concurrent;
using Orchestrator.Benchmarks.Reporting;

namespace Orchestrator.Benchmarks.Rest;

/// <summary>Durable creates, gets, updates and deletes of ConfigMaps by clients that each wait for their answer.</summary>
internal static class Requests
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(5);

    public static async IAsyncEnumerable<Figure> MeasureAsync(string directory)
    {
        var silo = await BenchSilo.StartAsync(directory);
        try
        {
            await RunAsync(64, (client, number) => CreateAsync(silo, "warm", client, number));
            foreach (var (clients, peer, times) in new[] { (1, 255, 1), (8, 601, 1), (64, 862, 5) })
            {
                var (rate, median) = await RunAsync(clients, (client, number) => CreateAsync(silo, $"c{clients}", client, number));
                yield return Kubernetes.Rate($"ConfigMap creates, {clients} client{(clients == 1 ? "" : "s")}", rate, peer, times);
                if (clients == 64) yield return Kubernetes.Time("ConfigMap create, 64 clients, median", median, 69);
            }

            var (gets, _) = await RunAsync(64, (client, _) => silo.SendAsync(HttpMethod.Get, $"{Maps}/c64-{client}-0"));
            yield return Kubernetes.Rate("ConfigMap gets, 64 clients", gets, 970);
            var (updates, _) = await RunAsync(64, (client, number) => silo.SendAsync(HttpMethod.Put, $"{Maps}/c64-{client}-0", Map($"c64-{client}-0", number)));
            yield return Kubernetes.Rate("ConfigMap updates, 64 clients", updates, 452);
            var (deletes, _) = await RunAsync(64, (client, number) => silo.SendAsync(HttpMethod.Delete, $"{Maps}/warm-{client}-{number}"), most: 30);
            yield return Kubernetes.Rate("ConfigMap deletes, 64 clients", deletes, 460);
        }
        finally
        {
            await silo.DisposeAsync();
            silo.DeleteStore();
        }
    }

    private static Task CreateAsync(BenchSilo silo, string prefix, int client, int number) =>
        silo.SendAsync(HttpMethod.Post, Maps, Map($"{prefix}-{client}-{number}", number));

    private static string Map(string name, int number) =>
        $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","labels":{"suite":"bench"}},"data":{"number":"{{{number}}}","text":"one of many"}}""";

    /// <summary>Requests a second, and the median time of one, while all clients ask one after the other.</summary>
    private static async Task<(double Rate, double Median)> RunAsync(int clients, Func<int, int, Task> send, int most = int.MaxValue)
    {
        var times = new ConcurrentBag<double>();
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            for (var number = 0; number < most && TimeProvider.System.GetElapsedTime(started) < Measured; number++)
            {
                var sent = TimeProvider.System.GetTimestamp();
                await send(client, number);
                times.Add(Samples.MillisecondsSince(sent));
            }
        })));
        return (times.Count / TimeProvider.System.GetElapsedTime(started).TotalSeconds, Samples.Median(times));
    }
}
