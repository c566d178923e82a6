using Orchestrator.Benchmarks.Rest;

namespace Orchestrator.Benchmarks.Placing;

/// <summary>Watches pods of one label until each has a host.</summary>
internal sealed class Bindings : IDisposable
{
    private readonly StreamReader _events;

    private Bindings(StreamReader events) => _events = events;

    public static async Task<Bindings> WatchAsync(BenchSilo silo, string label)
    {
        var path = new Uri($"/api/v1/namespaces/default/pods?watch=true&labelSelector=app%3D{label}", UriKind.Relative);
        var response = await silo.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        return new Bindings(new StreamReader(await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync()));
    }

    public async Task AllAsync(int pods)
    {
        var bound = new HashSet<string>();
        while (bound.Count < pods)
        {
            var line = await _events.ReadLineAsync() ?? throw new InvalidOperationException($"the watch ended with {bound.Count} of {pods} pods bound");
            if (ValueOf(line, "\"nodeName\":\"") is not null && ValueOf(line, "\"name\":\"") is { } name) bound.Add(name);
        }
    }

    public void Dispose() => _events.Dispose();

    private static string? ValueOf(string line, string before)
    {
        var start = line.IndexOf(before, StringComparison.Ordinal);
        if (start < 0) return null;
        start += before.Length;
        return line[start..line.IndexOf('"', start)];
    }
}
