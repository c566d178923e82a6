using Orleans.Concurrency;

namespace Orchestrator.Silo.Scheduling;

/// <summary>
/// Places workloads that no host has yet: it plans on a snapshot, and the hosts accept or refuse. It owns the queue and nothing
/// durable; whoever finds a workload unbound may enqueue it again. The queue's methods interleave with a running pass, so that nobody
/// waits for one; they change dictionaries that no pass enumerates across an await.
/// </summary>
[Alias("orchestrator.ISchedulerGrain")]
internal interface ISchedulerGrain : IGrainWithStringKey
{
    [Alias("Enqueue"), AlwaysInterleave]
    Task Enqueue(string[] keys);

    /// <summary>The workload is gone.</summary>
    [Alias("Forget"), AlwaysInterleave]
    Task Forget(string key, string uid);

    /// <summary>Something that may let a workload fit that fitted nowhere: <see cref="Orchestrator.Scheduler.ClusterEvents"/>.</summary>
    [Alias("Happened"), AlwaysInterleave]
    Task Happened(int events);

    /// <summary>Why a workload is where it is, or nowhere; an encoded ExplainResponse. Empty if there is no such workload.</summary>
    [Alias("Explain")]
    Task<byte[]> Explain(string key);

    /// <summary>Where workloads would go that nobody has stored; an encoded PlanResponse.</summary>
    [Alias("Plan")]
    Task<byte[]> Plan(Trial[] trials);
}

/// <summary>A workload that isn't stored: its key, its encoded object, and its host if it is a stored one that has a host.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.Trial")]
internal sealed record Trial([property: Id(0)] string Key, [property: Id(1)] byte[] Bytes, [property: Id(2)] string Host);
