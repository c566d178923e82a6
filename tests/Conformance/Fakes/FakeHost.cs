using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Conformance.Fakes;

/// <summary>An in-process gRPC server on a unix socket, and if asked for HTTP on a loopback port.</summary>
internal static class FakeHost
{
    public static async Task<WebApplication> StartAsync(string socket, Action<IServiceCollection> services, Action<WebApplication> map, bool http = false)
    {
        File.Delete(socket);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2);
            if (http) kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddGrpc();
        services(builder.Services);
        var application = builder.Build();
        map(application);
        await application.StartAsync();
        return application;
    }

    /// <summary>Ends at once what is still open.</summary>
    public static async Task StopAsync(WebApplication application)
    {
        await application.StopAsync(new CancellationToken(canceled: true));
        await application.DisposeAsync();
    }
}
