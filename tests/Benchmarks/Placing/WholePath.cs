using System.Globalization;
using Orchestrator.Benchmarks.Reporting;
using Orchestrator.Benchmarks.Rest;

namespace Orchestrator.Benchmarks.Placing;

/// <summary>
/// From the first create to the last binding, all durable: 64 clients create pods over REST, the scheduler plans, the hosts bind, and a watcher
/// sees each pod get its host. The hosts are objects without agents. The peer is Kubernetes' live path on this kind of machine, its best run.
/// </summary>
internal static class WholePath
{
    private const int Clients = 64;
    private const int TimesPeer = 10;

    private sealed record Shape(string Name, int Hosts, int Pods, string Spec, double Peer, double Least = 0);

    private const string Spread =
        """ "topologySpreadConstraints":[{"maxSkew":5,"topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"bench"}}}], """;

    private const string Apart =
        """ "affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"bench"}}}]}}, """;

    private static readonly Shape[] Shapes =
    [
        new("basic", 100, 3_000, "", 194, Least: 4_000),
        new("basic", 1_000, 10_000, "", 172, Least: 4_000),
        new("basic", 5_000, 10_000, "", 119, Least: 4_000),
        new("spread over zones", 1_000, 5_000, Spread, 37),
        new("anti-affinity", 5_000, 2_000, Apart, 37),
    ];

    public static async IAsyncEnumerable<Figure> MeasureAsync(string directory)
    {
        foreach (var shape in Shapes)
        {
            var silo = await BenchSilo.StartAsync(directory, "--Hosts:LeaseSeconds=3600");
            try
            {
                await BenchSilo.EachAsync(Clients, shape.Hosts, at => AddHostAsync(silo, at));
                // What is compiled at first use is compiled now.
                await RunAsync(silo, "warm", Math.Min(shape.Pods, 500), shape.Spec);
                var seconds = await RunAsync(silo, "bench", shape.Pods, shape.Spec);
                var name = string.Create(CultureInfo.InvariantCulture, $"{shape.Name}, create to binding, {shape.Hosts:N0} hosts");
                yield return Kubernetes.Rate(name, shape.Pods / seconds, shape.Peer) with { Goal = Math.Max(TimesPeer * shape.Peer, shape.Least) };
            }
            finally
            {
                await silo.DisposeAsync();
                silo.DeleteStore();
            }
        }
    }

    private static async Task<double> RunAsync(BenchSilo silo, string label, int pods, string spec)
    {
        using var bindings = await Bindings.WatchAsync(silo, label);
        var started = TimeProvider.System.GetTimestamp();
        var bound = bindings.AllAsync(pods);
        await BenchSilo.EachAsync(Clients, pods, at => silo.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", Pod(label, at, spec.Replace("bench", label, StringComparison.Ordinal))));
        await bound;
        return TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task AddHostAsync(BenchSilo silo, int at)
    {
        var host = Host(at);
        await silo.SendAsync(HttpMethod.Post, "/api/v1/nodes", host);
        await silo.SendAsync(HttpMethod.Put, $"/api/v1/nodes/{Name(at)}/status", host);
    }

    private static string Name(int at) => string.Create(CultureInfo.InvariantCulture, $"host-{at:00000}");

    private static string Host(int at) => $$$"""
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{Name(at)}}}","labels":{"kubernetes.io/hostname":"{{{Name(at)}}}","topology.kubernetes.io/zone":"zone-{{{at % 3}}}"}},
        "status":{"capacity":{"cpu":"4","memory":"32Gi","pods":"110"},"allocatable":{"cpu":"4","memory":"32Gi","pods":"110"},
        "conditions":[{"type":"Ready","status":"True"}],"runtimeClasses":[{"name":"container","available":true}] } }
        """;

    private static string Pod(string label, int at, string spec) => $$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{label}}}-{{{at}}}","labels":{"app":"{{{label}}}"}},
        "spec":{{{{spec}}}"containers":[{"name":"main","image":"pause:1","resources":{"requests":{"cpu":"100m","memory":"500Mi"} } }] } }
        """;
}
