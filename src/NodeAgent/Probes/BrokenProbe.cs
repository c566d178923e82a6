namespace Orchestrator.NodeAgent.Probes;

/// <summary>Fails, since there is nothing to ask: a port's name that no port has, a driver that runs no commands.</summary>
internal sealed class BrokenProbe(string why) : IProbeAction
{
    public Task<ProbeOutcome> RunAsync(CancellationToken cancellation) => Task.FromResult(ProbeOutcome.Failed(why));
}
