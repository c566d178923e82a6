using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.NodeAgent.Connection;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Options;

namespace Orchestrator.NodeAgent.Assignments;

/// <summary>Runs the assignments' loop and, for each driver, the two ways of seeing changes: being told, and listing.</summary>
internal sealed class AssignmentsService(
    HostAssignments assignments, IEnumerable<IWorkloadDriver> drivers, AgentOptions options, TimeProvider time, Random random,
    ILogger<AssignmentsService> logger) : BackgroundService
{
    /// <summary>All of them run as long as the process: the first to end ends it, and its successor adopts what runs.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken) => await await Task.WhenAny(
        drivers.SelectMany(driver => new[] { WatchAsync(driver, stoppingToken), RelistAsync(driver, stoppingToken) })
            .Append(assignments.RunAsync(stoppingToken)));

    private async Task WatchAsync(IWorkloadDriver driver, CancellationToken stopping)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), random);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (var changed in driver.WatchAsync(stopping))
                {
                    if (changed is null)
                    {
                        await ListAsync(driver, stopping);
                        continue;
                    }

                    backoff.Reset();
                    assignments.MayHaveChanged(changed.Value);
                }
            }
            catch (RpcException gone)
            {
                logger.LogDebug("Watching {Kind} ended: {Status}", driver.Kind, gone.Status);
            }

            await Task.Delay(backoff.Next(), time, stopping);
        }
    }

    private async Task RelistAsync(IWorkloadDriver driver, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.RelistSeconds), time);
        do await ListAsync(driver, stopping);
        while (await timer.WaitForNextTickAsync(stopping));
    }

    private async Task ListAsync(IWorkloadDriver driver, CancellationToken stopping)
    {
        try
        {
            assignments.Seen(driver.Kind, await driver.ListAsync(stopping));
        }
        catch (RpcException away)
        {
            logger.LogDebug("Listing {Kind} failed: {Status}", driver.Kind, away.Status);
        }
    }
}

internal static class AssignmentsRegistration
{
    public static IHostApplicationBuilder AddAssignments(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Outbox>();
        builder.Services.AddSingleton(services => new StepGate(
            services.GetRequiredService<AgentOptions>().ConcurrentSteps, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<WorkloadRunners>();
        builder.Services.AddSingleton<HostAssignments>();
        builder.Services.AddHostedService<AssignmentsService>();
        return builder;
    }
}
