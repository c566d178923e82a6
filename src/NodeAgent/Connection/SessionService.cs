using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.NodeAgent.Options;

namespace Orchestrator.NodeAgent.Connection;

/// <summary>Keeps a session with a silo: connects, and when it ends connects again, after a jittered delay that grows while it fails.</summary>
internal sealed class SessionService(SiloSession session, TimeProvider time, Random random, ILogger<SessionService> logger) : BackgroundService
{
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(10), random);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var end = await session.RunAsync(stoppingToken);
            if (stoppingToken.IsCancellationRequested) return;
            if (end.Welcomed) _backoff.Reset();
            var delay = _backoff.Next();
            logger.LogWarning("The session with the silo ended ({Reason}); connecting again in {Delay}", end.Reason, delay);
            await Task.Delay(delay, time, stoppingToken);
        }
    }
}

internal static class ConnectionRegistration
{
    public static IHostApplicationBuilder AddConnection(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => new SiloClient(services.GetRequiredService<AgentOptions>().Silo));
        builder.Services.AddSingleton<HostUsageSampler>();
        builder.Services.AddSingleton<StreamOpener>();
        builder.Services.AddSingleton<SiloSession>();
        builder.Services.AddHostedService<SessionService>();
        return builder;
    }
}
