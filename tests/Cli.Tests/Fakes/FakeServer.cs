using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Cli.Tests.Fakes;

/// <summary>A server on a unix socket: objects in a dictionary, workloads that answer as the test says.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orc-cli-").FullName;
    private readonly WebApplication _app;

    private FakeServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc(options => options.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton(Objects).AddSingleton(Workloads).AddSingleton(Admin);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(SocketPath, listen => listen.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.MapGrpcService<FakeObjects>();
        _app.MapGrpcService<FakeWorkloads>();
        _app.MapGrpcService<FakeAdmin>();
    }

    public FakeObjects Objects { get; } = new();
    public FakeWorkloads Workloads { get; } = new();
    public FakeAdmin Admin { get; } = new();
    public string Address => $"unix://{SocketPath}";
    private string SocketPath => Path.Combine(_folder, "api.sock");

    public static async Task<FakeServer> StartAsync()
    {
        var server = new FakeServer();
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
