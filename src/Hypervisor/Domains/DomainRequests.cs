using System.Threading.Channels;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>What may be asked of a domain: each request is a letter to its owner, and returns when what was asked has come about, or can't.</summary>
internal sealed class DomainRequests(ChannelWriter<DomainLetter> inbox, CurrentRecord current)
{
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="powerCycle">Which the start is as good as; null for none.</param>
    public Task<DomainAnswer> StartAsync(string? powerCycle, StartSettings settings, CancellationToken cancellation) =>
        AskAsync(new DomainLetter(DomainEvent.StartAsked, 0, PowerCycle: powerCycle, Settings: settings), IsUp, cancellation);

    public Task<DomainAnswer> StopAsync(TimeSpan grace, CancellationToken cancellation) => AskAsync(
        new DomainLetter(grace > TimeSpan.Zero ? DomainEvent.StopAsked : DomainEvent.KillAsked, 0, grace),
        record => !DomainLifecycle.HasEngine(record.Phase),
        cancellation);

    public Task<DomainAnswer> RestartAsync(TimeSpan grace, string powerCycle, StartSettings settings, CancellationToken cancellation) => AskAsync(
        new DomainLetter(grace > TimeSpan.Zero ? DomainEvent.RestartAsked : DomainEvent.ResetAsked, 0, grace, PowerCycle: powerCycle, Settings: settings),
        IsUp,
        cancellation);

    public Task<DomainAnswer> PauseAsync(CancellationToken cancellation) =>
        AskAsync(new DomainLetter(DomainEvent.PauseAsked, 0), _ => true, cancellation);

    public Task<DomainAnswer> ResumeAsync(CancellationToken cancellation) =>
        AskAsync(new DomainLetter(DomainEvent.ResumeAsked, 0), _ => true, cancellation);

    public Task<DomainAnswer> SnapshotAsync(string name, CancellationToken cancellation) =>
        AskAsync(new DomainLetter(DomainEvent.SnapshotAsked, 0, Snapshot: name), _ => true, cancellation);

    public Task<DomainAnswer> RemoveSnapshotAsync(string name, CancellationToken cancellation) =>
        AskAsync(new DomainLetter(DomainEvent.SnapshotRemovalAsked, 0, Snapshot: name), _ => true, cancellation);

    public Task<DomainAnswer> GrowDiskAsync(string disk, long bytes, CancellationToken cancellation) =>
        AskAsync(new DomainLetter(DomainEvent.GrowthAsked, 0, Growth: new DiskGrowth(disk, bytes)), _ => true, cancellation);

    /// <summary>The first record that is so.</summary>
    public Task<DomainRecord> WhenAsync(Func<DomainRecord, bool> wanted, CancellationToken cancellation) => current.WhenAsync(wanted, cancellation);

    /// <summary>Nothing of it is left when this returns.</summary>
    public async Task<Refusal?> DestroyAsync(CancellationToken cancellation)
    {
        var answer = await AskAsync(new DomainLetter(DomainEvent.DestroyAsked, 0), _ => true, cancellation);
        if (answer.Refusal is null)
        {
            await _gone.Task.WaitAsync(cancellation);
        }

        return answer.Refusal;
    }

    /// <summary>Answers those who wait for its end: once nobody can find it any more and its id is free.</summary>
    public void AnswerGone() => _gone.SetResult();

    /// <summary>Or won't be.</summary>
    private static bool IsUp(DomainRecord record) => record.Phase is not (DomainPhase.Starting or DomainPhase.Restarting);

    private async Task<DomainAnswer> AskAsync(DomainLetter letter, Func<DomainRecord, bool> until, CancellationToken cancellation)
    {
        var asker = new TaskCompletionSource<Refusal?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!inbox.TryWrite(letter with { Asker = asker }))
        {
            return new Refusal(RefusalKind.NotFound, $"there is no domain {current.Record.Id}");
        }

        if (await asker.Task.WaitAsync(cancellation) is { } refusal)
        {
            return refusal;
        }

        return await current.WhenAsync(until, cancellation);
    }
}
