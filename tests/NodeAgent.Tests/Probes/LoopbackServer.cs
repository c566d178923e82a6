using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.NodeAgent.Health.V1;

namespace Orchestrator.NodeAgent.Tests.Probes;

/// <summary>Something to probe, on loopback: <c>/status/N</c>, redirects, a page that never comes; or gRPC's health service.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private LoopbackServer(WebApplication application) => _application = application;

    public int Port => new Uri(_application.Urls.Single()).Port;

    public static async Task<LoopbackServer> StartAsync(HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        builder.Services.AddGrpc();
        var application = builder.Build();
        application.MapGrpcService<HealthService>();
        application.MapGet("/status/{code:int}", (int code) => Results.StatusCode(code));
        application.MapGet("/loop", () => Results.Redirect("/loop"));
        application.MapGet("/to/{code:int}", (int code) => Results.Redirect($"/status/{code}"));
        application.MapGet("/away", () => Results.Redirect("http://elsewhere.invalid/"));
        application.MapGet("/strange", () => Results.Redirect("ftp://127.0.0.1/"));
        application.MapGet("/header", (HttpRequest request) => Results.StatusCode(request.Headers["X-Who"] == "me" && request.Headers.UserAgent == "custom" ? 200 : 400));
        application.MapGet("/never", async (HttpContext context) => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        await application.StartAsync();
        return new LoopbackServer(application);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }

    private sealed class HealthService : Health.V1.Health.HealthBase
    {
        public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) => request.Service switch
        {
            "" => Task.FromResult(new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.Serving }),
            "down" => Task.FromResult(new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.NotServing }),
            _ => throw new RpcException(new Status(StatusCode.NotFound, "unknown service")),
        };
    }
}
