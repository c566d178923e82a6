namespace Orchestrator.NodeAgent.Probes;

/// <summary>How it went; the message says what a user should read about a failure.</summary>
internal readonly record struct ProbeOutcome(bool Success, string Message)
{
    public static readonly ProbeOutcome Healthy = new(true, "");

    public static ProbeOutcome Failed(string message) => new(false, message);
}

/// <summary>Asks a container once. It ends when it is cancelled; what it meets on the way is an outcome, never an exception.</summary>
internal interface IProbeAction
{
    Task<ProbeOutcome> RunAsync(CancellationToken cancellation);
}
