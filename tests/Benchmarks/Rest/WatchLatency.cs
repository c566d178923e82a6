using System.Collections.Concurrent;
using Orchestrator.Benchmarks.Reporting;

namespace Orchestrator.Benchmarks.Rest;

/// <summary>From the moment that a client sends a create until each watcher has its event.</summary>
internal static class WatchLatency
{
    private const int Rounds = 100;
    private const string Path = "/api/v1/namespaces/default/secrets";

    public static async Task<(double Median, double Last)> MeasureAsync(BenchSilo silo, int watchers)
    {
        var latencies = new ConcurrentBag<double>();
        var sent = new ConcurrentDictionary<string, long>();
        using var ended = new CancellationTokenSource();
        using var heard = new SemaphoreSlim(0);
        var streams = await Task.WhenAll(Enumerable.Range(0, watchers).Select(async _ =>
        {
            var response = await silo.Client.GetAsync(new Uri($"{Path}?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, ended.Token);
            return new StreamReader(await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(ended.Token));
        }));
        var listening = streams.Select(stream => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds && await stream.ReadLineAsync(ended.Token) is { } line; round++)
            {
                latencies.Add(Samples.MillisecondsSince(sent[NameIn(line)]));
                heard.Release();
            }
        })).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            var name = $"w{watchers}-{round}";
            sent[name] = TimeProvider.System.GetTimestamp();
            await silo.SendAsync(HttpMethod.Post, Path, $$$"""{"metadata":{"name":"{{{name}}}"}}""");
            for (var watcher = 0; watcher < watchers; watcher++) await heard.WaitAsync(ended.Token);
        }

        await Task.WhenAll(listening);
        await ended.CancelAsync();
        foreach (var stream in streams) stream.Dispose();
        var sorted = latencies.Order().ToArray();
        return (Samples.Median(sorted), sorted[(int)(sorted.Length * 0.99)]);
    }

    private static string NameIn(string line)
    {
        const string Before = "\"name\":\"";
        var start = line.IndexOf(Before, StringComparison.Ordinal) + Before.Length;
        return line[start..line.IndexOf('"', start)];
    }
}
