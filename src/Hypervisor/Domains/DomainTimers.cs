using System.Threading.Channels;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>What reaches a domain's queue by the passing of time.</summary>
internal sealed class DomainTimers(TimeProvider time, ChannelWriter<DomainLetter> inbox)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    private ITimer? _grace;
    private ITimer? _retry;

    /// <summary>The guest of this life has so long to shut down; a later call replaces an earlier one.</summary>
    public void ArmGrace(TimeSpan grace, int life)
    {
        DropGrace();
        _grace = time.CreateTimer(_ => inbox.TryWrite(new DomainLetter(DomainEvent.GraceOver, life)), null, grace, Timeout.InfiniteTimeSpan);
    }

    public void DropGrace()
    {
        _grace?.Dispose();
        _grace = null;
    }

    /// <summary>An end that could not be completed (a process that hangs in the kernel, a full disk) is tried until it can.</summary>
    public void RetryLater(DomainEvent happened)
    {
        if (happened is not (DomainEvent.EngineEnded or DomainEvent.DestroyAsked))
        {
            return;
        }

        _retry?.Dispose();
        _retry = time.CreateTimer(
            _ => inbox.TryWrite(new DomainLetter(DomainEvent.EngineEnded, 0)), null, RetryInterval, Timeout.InfiniteTimeSpan);
    }

    public void Stop()
    {
        DropGrace();
        _retry?.Dispose();
    }
}
