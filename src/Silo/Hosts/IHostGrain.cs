using Orchestrator.Silo.Agents;

namespace Orchestrator.Silo.Hosts;

/// <summary>
/// One host: its lease, its capacity ledger, its assignments, and where its agent's session is. It alone decides whether a workload
/// fits; the scheduler proposes. It never runs anything itself.
/// </summary>
[Alias("orchestrator.IHostGrain")]
internal interface IHostGrain : IGrainWithStringKey
{
    /// <summary>Makes the host known to this activation, so that its lease is watched.</summary>
    [Alias("Wake")]
    Task Wake();

    /// <summary>An agent has opened a session; delivers the whole desired state to it. False if a newer session is known.</summary>
    [Alias("Attach")]
    Task<bool> Attach(Attachment attachment, byte[] facts, string agentVersion);

    /// <summary>The session lives. False if a newer one has taken its place: it has to end.</summary>
    [Alias("Renew")]
    Task<bool> Renew(Attachment attachment);

    [Alias("Detach")]
    Task Detach(long epoch);

    /// <summary>The host's fingerprint has changed.</summary>
    [Alias("UpdateFacts")]
    Task UpdateFacts(long epoch, byte[] facts);

    /// <summary>Takes each workload if it fits, durably, or says why not: one answer for each request, in their order.</summary>
    [Alias("Bind")]
    Task<BindAnswer[]> Bind(BindRequest[] requests);

    /// <summary>Promises room to each workload if it fits, for a short time and not durably: one answer for each request, in their order.</summary>
    [Alias("Hold")]
    Task<BindAnswer[]> Hold(BindRequest[] requests);

    /// <summary>Ends promises.</summary>
    [Alias("Release")]
    Task Release(BindRequest[] requests);

    /// <summary>A workload of this host is new or has changed.</summary>
    [Alias("Assign")]
    Task Assign(string key);

    /// <summary>A workload is gone from the store: nothing of it shall remain on the host.</summary>
    [Alias("Unassign")]
    Task Unassign(string key, string uid);

    /// <summary>Sends a message (an encoded SiloMessage) to the host's agent, if it has a session.</summary>
    [Alias("Send")]
    Task<DeliverOutcome> Send(byte[] message);
}

/// <summary>A workload for a host; <paramref name="Trace"/> is the W3C context of the change that led here.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.BindRequest")]
internal sealed record BindRequest([property: Id(0)] string Key, [property: Id(1)] string Uid, [property: Id(2)] string? Trace);

[GenerateSerializer, Alias("orchestrator.BindOutcome")]
internal enum BindOutcome
{
    Bound,

    /// <summary>The host has no room, or takes no work: plan again with the newer view.</summary>
    Refused,

    /// <summary>The workload is gone, ended or bound elsewhere: nothing to plan.</summary>
    Obsolete,

    /// <summary>The store took no write: try again later.</summary>
    Unavailable,

    /// <summary>The host keeps room for it.</summary>
    Held,
}

[GenerateSerializer, Immutable, Alias("orchestrator.BindAnswer")]
internal sealed record BindAnswer([property: Id(0)] BindOutcome Outcome, [property: Id(1)] string Reason);

/// <summary>Where a host's session is: the gateway of a silo, and the session's epoch. The higher epoch is the newer session.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.Attachment")]
internal sealed record Attachment([property: Id(0)] IAgentGateway Gateway, [property: Id(1)] long Epoch);
