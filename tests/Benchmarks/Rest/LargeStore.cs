using Orchestrator.Benchmarks.Reporting;

namespace Orchestrator.Benchmarks.Rest;

/// <summary>A store of 100,000 objects: what it holds in memory, and how soon its silo is ready again.</summary>
internal static class LargeStore
{
    private const int Objects = 100_000;
    private const int Writers = 64;

    public static async IAsyncEnumerable<Figure> MeasureAsync(string directory)
    {
        var silo = await BenchSilo.StartAsync(directory);
        try
        {
            await BenchSilo.EachAsync(Writers, Objects, number => silo.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods",
                $$$"""{"metadata":{"name":"p{{{number}}}","labels":{"app":"bench"}},"spec":{"schedulingGates":[{"name":"example.com/held"}],"containers":[{"name":"main","image":"web:1"}]}}"""));
            yield return new Figure($"memory, {Objects} pods just created", silo.MemoryMegabytes, "MB");
            await silo.DisposeAsync();
            var started = TimeProvider.System.GetTimestamp();
            silo = await BenchSilo.StartAsync(directory);
            yield return new Figure($"start to ready with {Objects} pods", Samples.MillisecondsSince(started), "ms");
            yield return new Figure($"memory, {Objects} pods after a start", silo.MemoryMegabytes, "MB");
        }
        finally
        {
            await silo.DisposeAsync();
            silo.DeleteStore();
        }
    }
}
