using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Orchestrator.Benchmarks.Reporting;

namespace Orchestrator.Benchmarks.Skeleton;

/// <summary>From the start of a silo's process until it says that it is ready, on an empty store and again on the same one.</summary>
internal static class SiloStart
{
    private const int Runs = 5;

    public static async IAsyncEnumerable<Figure> MeasureAsync(BenchCluster cluster)
    {
        List<double> empty = [], again = [];
        for (var run = 0; run < Runs; run++)
        {
            var data = Path.Combine(cluster.Directory, $"bench-silo-{run}");
            empty.Add(await StartAsync(data));
            again.Add(await StartAsync(data));
            Directory.Delete(data, recursive: true);
        }
        yield return new Figure("silo start to ready, empty store, median of 5", Samples.Median(empty), "ms") { Goal = 2000 };
        yield return new Figure("silo start to ready, second start, median of 5", Samples.Median(again), "ms") { Goal = 2000 };
    }

    private static async Task<double> StartAsync(string data)
    {
        Directory.CreateDirectory(data);
        var http = FreePort();
        var started = TimeProvider.System.GetTimestamp();
        using var silo = Process.Start(new ProcessStartInfo(BenchCluster.Published("Silo/orchestrator-silo"),
            ["--data", Path.Combine(data, "store"), "--listen", $"127.0.0.1:{FreePort()}", "--http", $"127.0.0.1:{http}", "--agent-socket", Path.Combine(data, "agent.sock")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        silo.BeginOutputReadLine();
        silo.BeginErrorReadLine();
        try
        {
            await ReadyAsync(silo, http);
            return Samples.MillisecondsSince(started);
        }
        finally
        {
            silo.Kill();
            await silo.WaitForExitAsync();
        }
    }

    private static async Task ReadyAsync(Process silo, int http)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{http}") };
        while (!silo.HasExited)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative));
                if (answer.StatusCode == HttpStatusCode.OK) return;
            }
            catch (HttpRequestException)
            {
                // It doesn't listen yet.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
        throw new InvalidOperationException($"the silo ended with exit code {silo.ExitCode} before it was ready");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
