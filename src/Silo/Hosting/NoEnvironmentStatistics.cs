using Orleans.Statistics;

namespace Orchestrator.Silo.Hosting;

/// <summary>
/// Orleans asks for the load of the process to place grains by it and to shed calls. Here grains are placed at random and no call is shed,
/// and to know the load Orleans would have the runtime write all its counters every second, which was most of what an idle silo does.
/// </summary>
internal sealed class NoEnvironmentStatistics : IEnvironmentStatisticsProvider
{
    public EnvironmentStatistics GetEnvironmentStatistics() => default;
}
