using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Probes;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.NodeAgent.Tests.Probes;

public sealed class ProbeActionTests
{
    private static CancellationToken Limit => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Theory]
    [InlineData("/status/200", null)]
    [InlineData("status/204", null)]
    [InlineData("/status/399", null)]
    [InlineData("/status/400", "HTTP probe failed with statuscode: 400")]
    [InlineData("/status/503", "HTTP probe failed with statuscode: 503")]
    [InlineData("/to/200", null)]
    [InlineData("/to/500", "HTTP probe failed with statuscode: 500")]
    [InlineData("/away", null)]
    [InlineData("/strange", null)]
    [InlineData("/loop", "more than 10 redirects")]
    [InlineData("/header", null)]
    public async Task Http_is_judged_by_its_status(string path, string? failure)
    {
        await using var server = await LoopbackServer.StartAsync(HttpProtocols.Http1);
        var headers = new[] { new HTTPHeader { Name = "X-Who", Value = "me" }, new HTTPHeader { Name = "User-Agent", Value = "custom" }, new HTTPHeader { Name = "not a name", Value = "x" } };
        var probe = new Probe { HttpGet = new HTTPGetAction { Path = path, Port = Number(server.Port), HttpHeaders = { headers } } };
        Expect(failure, await Of(probe).RunAsync(Limit));
    }

    [Fact]
    public async Task A_port_is_found_by_its_name()
    {
        await using var server = await LoopbackServer.StartAsync(HttpProtocols.Http1);
        var port = new ContainerPort { Name = "web", ContainerPort_ = server.Port };
        Expect(null, await Of(new Probe { TcpSocket = new TCPSocketAction { Port = Name("web") } }, port).RunAsync(Limit));
        Expect("container main has no port other", await Of(new Probe { TcpSocket = new TCPSocketAction { Port = Name("other") } }, port).RunAsync(Limit));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("down", "responded with \"NOT_SERVING\"")]
    [InlineData("unknown", "unknown service")]
    public async Task Grpc_asks_the_health_service(string service, string? failure)
    {
        await using var server = await LoopbackServer.StartAsync(HttpProtocols.Http2);
        Expect(failure, await Of(new Probe { Grpc = new GRPCAction { Port = server.Port, Service = service } }).RunAsync(Limit));
    }

    [Fact]
    public async Task Nobody_there_is_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Expect(null, await Of(new Probe { TcpSocket = new TCPSocketAction { Port = Number(port) } }).RunAsync(Limit));
        listener.Stop();
        Expect("refused", await Of(new Probe { TcpSocket = new TCPSocketAction { Port = Number(port) } }).RunAsync(Limit));
        Expect("refused", await Of(new Probe { HttpGet = new HTTPGetAction { Port = Number(port) } }).RunAsync(Limit));
        Expect("refused", await Of(new Probe { Grpc = new GRPCAction { Port = port } }).RunAsync(Limit));
    }

    [Fact]
    public async Task Words_without_sense_fail_the_probe_and_nothing_else()
    {
        Probe[] broken =
        [
            new(),
            new() { HttpGet = new HTTPGetAction { Port = Number(80), Host = "no host at all" } },
            new() { TcpSocket = new TCPSocketAction { Port = Number(80), Host = "no host at all" } },
            new() { TcpSocket = new TCPSocketAction { Port = Number(70_000) } },
            new() { Grpc = new GRPCAction { Port = -1 } },
            new() { Exec = new ExecAction { Command = { "true" } } },
        ];
        foreach (var probe in broken) Assert.False((await Of(probe).RunAsync(Limit)).Success);
    }

    [Fact]
    public async Task A_cancelled_probe_ends_as_cancelled()
    {
        await using var server = await LoopbackServer.StartAsync(HttpProtocols.Http1);
        using var stop = new CancellationTokenSource();
        var waiting = Of(new Probe { HttpGet = new HTTPGetAction { Path = "/never", Port = Number(server.Port) } }).RunAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static void Expect(string? failure, ProbeOutcome outcome)
    {
        Assert.Equal(failure is null, outcome.Success);
        if (failure is not null) Assert.Contains(failure, outcome.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static IProbeAction Of(Probe probe, params ContainerPort[] ports)
    {
        var container = new Container { Name = "main", Ports = { ports } };
        var run = new UnitRun { Unit = "main", Attempt = 0, Id = "id", State = UnitState.Running };
        return ProbeActions.Of(probe, container, run, "127.0.0.1", null, TimeSpan.FromSeconds(1));
    }

    private static IntOrString Number(int port) => new() { IntValue = port };

    private static IntOrString Name(string name) => new() { StringValue = name };
}
