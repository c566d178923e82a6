using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Orchestrator.Api.V1;

namespace Orchestrator.Silo.Tests.Cluster;

/// <summary>The real silo in a process of its own, on loopback ports and a data folder that it shares with its successors.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private const int Attempts = 3;
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(60);

    private readonly string _data;
    private readonly int _port;
    private readonly string[] _more;
    private readonly Process _process;
    private readonly Task<string> _errors;

    private SiloProcess(string data, int port, int httpPort, string[] more)
    {
        (_data, _port, _more) = (data, port, more);
        Http = new Uri($"http://127.0.0.1:{httpPort}");
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "orchestrator-silo"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "--data", data, "--listen", $"127.0.0.1:{port}", "--http", $"127.0.0.1:{httpPort}", "--heartbeat-seconds", "1" },
        };
        foreach (var argument in more) start.ArgumentList.Add(argument);
        // Traces are made only where they are exported; nobody has to listen there.
        start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{FreePort()}";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _errors = _process.StandardError.ReadToEndAsync();
        Channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}", new GrpcChannelOptions
        {
            MaxReceiveMessageSize = 64 << 20,
            // The pauses between attempts grow up to two minutes otherwise: a slow start would be missed by a minute.
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(50),
            MaxReconnectBackoff = TimeSpan.FromMilliseconds(500),
        });
        Objects = new Orchestrator.Api.V1.Objects.ObjectsClient(Channel);
        Workloads = new Orchestrator.Api.V1.Workloads.WorkloadsClient(Channel);
    }

    /// <summary>The REST door.</summary>
    public Uri Http { get; }

    public GrpcChannel Channel { get; }
    public Orchestrator.Api.V1.Objects.ObjectsClient Objects { get; }
    public Orchestrator.Api.V1.Workloads.WorkloadsClient Workloads { get; }
    public string AgentSocket => Path.Combine(_data, "agent.sock");

    public static Task<SiloProcess> Start(string data, params string[] more) => Start(() => new SiloProcess(data, FreePort(), FreePort(), more));

    /// <summary>Kills it; another on the same data answers at the same address.</summary>
    public async Task<SiloProcess> KillAndStartAgain()
    {
        await DisposeAsync();
        return await Start(() => new SiloProcess(_data, _port, Http.Port, _more));
    }

    private static async Task<SiloProcess> Start(Func<SiloProcess> start)
    {
        for (var attempt = 1; ; attempt++)
        {
            var silo = start();
            try
            {
                await silo.Ready();
                return silo;
            }
            catch (Exception failure)
            {
                await silo.DisposeAsync();
                // Between the look for a free port and its use, any other process may take it.
                if (attempt == Attempts || !failure.Message.Contains("address already in use", StringComparison.Ordinal)) throw;
            }
        }
    }

    /// <summary>What the process holds in memory now, in megabytes.</summary>
    public long MemoryMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 >> 20;
        }
    }

    public bool Running => !_process.HasExited;

    /// <summary>What a power cut does to a process.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await Kill();
        Channel.Dispose();
        _process.Dispose();
    }

    private async Task Ready()
    {
        using var limit = new CancellationTokenSource(StartsWithin);
        var serving = Serving(limit.Token);
        await Task.WhenAny(serving, _process.WaitForExitAsync(CancellationToken.None));
        if (limit.IsCancellationRequested && !_process.HasExited)
        {
            await Kill();
            throw new TimeoutException($"The silo was not ready within {StartsWithin}; it said: {await _errors}");
        }

        if (!_process.HasExited) await serving;
        else throw new InvalidOperationException($"The silo did not become ready: {await _errors}");
    }

    private async Task Serving(CancellationToken limit)
    {
        var waiting = new CallOptions(cancellationToken: limit).WithWaitForReady();
        using var ready = new Health.HealthClient(Channel).Watch(new HealthCheckRequest(), waiting);
        while (await ready.ResponseStream.MoveNext(limit))
        {
            if (ready.ResponseStream.Current.Status == HealthCheckResponse.Types.ServingStatus.Serving) return;
        }

        throw new InvalidOperationException($"The silo did not become ready: {await _errors}");
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
