using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Hosting;

/// <summary>Healthy while this silo's writer owns the log.</summary>
internal sealed class StoreHealth(Sequencer sequencer) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(sequencer.IsFenced ? HealthCheckResult.Unhealthy("the store takes no writes here") : HealthCheckResult.Healthy());
}
