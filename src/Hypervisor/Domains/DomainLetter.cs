namespace Orchestrator.Hypervisor.Domains;

/// <summary>How large a disk shall be.</summary>
internal readonly record struct DiskGrowth(string Disk, long Bytes);

/// <summary>
/// What a domain's owner takes from its queue: a request (with whoever asks) or news of its engine. <paramref name="Life"/> is the start that
/// the news is about, 0 if it is about none in particular. <paramref name="PowerCycle"/> names a request that is carried out once.
/// </summary>
internal readonly record struct DomainLetter(
    DomainEvent Event, int Life, TimeSpan Grace = default, string Message = "", string? PowerCycle = null, string? Snapshot = null,
    StartSettings? Settings = null, DiskGrowth? Growth = null, TaskCompletionSource<Refusal?>? Asker = null)
{
    /// <summary>What the domain shall be made of after it.</summary>
    public GuestSpec? SpecOf(DomainRecord record) => record.Spec is { } spec && Settings is { } settings ? settings.ApplyTo(spec) : record.Spec;
}
