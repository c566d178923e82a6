namespace Orchestrator.Silo.Agents;

/// <summary>
/// A silo's side of its agents' sessions, one for all of them. It lives as long as the silo and answers at once, also for a session
/// that is no longer there.
/// </summary>
[Alias("orchestrator.IAgentGateway")]
internal interface IAgentGateway : IGrainObserver
{
    [Alias("Deliver")]
    Task<DeliverOutcome> Deliver(string host, long epoch, byte[] message);
}

[GenerateSerializer, Alias("orchestrator.DeliverOutcome")]
internal enum DeliverOutcome
{
    Delivered,

    /// <summary>There is no such session here; a resync is pending.</summary>
    NoSession,
}
