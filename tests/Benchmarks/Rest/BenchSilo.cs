using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Benchmarks.Skeleton;

namespace Orchestrator.Benchmarks.Rest;

/// <summary>A published silo on a store of its own, spoken to as Kubernetes clients do: REST, JSON, one connection a client.</summary>
internal sealed class BenchSilo : IAsyncDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly string _data;
    private readonly Process _process;

    private BenchSilo(string data, Process process, int http)
    {
        (_data, _process) = (data, process);
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = int.MaxValue })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{http}"),
            Timeout = TimeSpan.FromMinutes(5),
        };
    }

    public HttpClient Client { get; }

    /// <summary>What the process holds in memory now, in megabytes.</summary>
    public double MemoryMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1e6;
        }
    }

    public static async Task<BenchSilo> StartAsync(string data, params string[] more)
    {
        Directory.CreateDirectory(data);
        var http = FreePort();
        var process = Process.Start(new ProcessStartInfo(BenchCluster.Published("Silo/orchestrator-silo"),
            ["--data", Path.Combine(data, "store"), "--listen", $"127.0.0.1:{FreePort()}", "--http", $"127.0.0.1:{http}", "--agent-socket", Path.Combine(data, "agent.sock"), .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var silo = new BenchSilo(data, process, http);
        await silo.ReadyAsync();
        return silo;
    }

    public async Task SendAsync(HttpMethod method, string path, string? body = null, string? type = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = type is null ? Json : new MediaTypeHeaderValue(type);
        }

        using var response = await Client.SendAsync(request);
        await response.Content.LoadIntoBufferAsync();
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"{method} {path}: {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>So many requests by so many clients, each of which waits for its answer before it sends its next.</summary>
    public static Task EachAsync(int clients, int count, Func<int, Task> send) => Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
    {
        for (var at = client; at < count; at += clients) await send(at);
    })));

    /// <summary>Ends the process and leaves its store for a successor.</summary>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public void DeleteStore() => Directory.Delete(_data, recursive: true);

    private async Task ReadyAsync()
    {
        while (!_process.HasExited)
        {
            try
            {
                using var answer = await Client.GetAsync(new Uri("/readyz", UriKind.Relative));
                if (answer.StatusCode == HttpStatusCode.OK) return;
            }
            catch (HttpRequestException)
            {
                // It doesn't listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        throw new InvalidOperationException($"the silo ended with exit code {_process.ExitCode} before it was ready");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
