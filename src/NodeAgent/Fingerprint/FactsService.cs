using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.NodeAgent.Connection;

namespace Orchestrator.NodeAgent.Fingerprint;

/// <summary>Keeps the host's facts up to date; the outbox tells the silo only of changes.</summary>
internal sealed class FactsService(HostFactsBuilder builder, Outbox outbox, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>While something of the host isn't ready, work waits for it.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Soon, time);
        do
        {
            var facts = await builder.BuildAsync(stoppingToken);
            outbox.SetFacts(facts);
            timer.Period = facts.Status.Conditions.All(condition => condition.Status == "True") ? Interval : Soon;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}

internal static class FingerprintRegistration
{
    public static IHostApplicationBuilder AddFingerprint(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<HostAddress>();
        builder.Services.AddSingleton<HostFactsBuilder>();
        builder.Services.AddHostedService<FactsService>();
        return builder;
    }
}
