using Grpc.Core;
using Microsoft.Extensions.Logging;
using Orchestrator.NodeAgent.Assignments.Hooks;
using Orchestrator.NodeAgent.Connection;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Probes;
using Orchestrator.NodeAgent.Telemetry;

namespace Orchestrator.NodeAgent.Assignments;

/// <summary>
/// One workload's life on this host, from first sight to nothing left:
/// <code>
///            +--------------- look again: a change, a due time, a new object ---------------+
///            v                                                                             |
///   (seen) Looking ---- desired ----> Ensuring: hook 1, hook 2, ... ---- content or blocked -+
///            |                            | deletion interrupts
///            +-- deleting, not desired --> Tearing down: hooks in reverse -- failed --> look again
///                                         |
///                                         +-- nothing left --> Gone
/// </code>
/// Every round starts from what the runtime says, so it matters neither where the last one stopped nor which agent
/// ran it. A call with an unknown outcome is a round that ended early. Only the loop here touches the hooks and the
/// context; others leave the newest desired object and ring.
/// </summary>
internal sealed class WorkloadRunner(
    WorkloadContext context, PodProbes probes, DesiredWorkload? desired, IReadOnlyList<IWorkloadHook> hooks, TimeProvider time, Backoff backoff,
    ILogger<WorkloadRunner> logger) : IDisposable
{
    private static readonly TimeSpan SecondLookAfter = TimeSpan.FromMilliseconds(250);
    private readonly SemaphoreSlim _bell = new(0);
    private readonly Lock _lock = new();
    private DesiredWorkload? _desired = desired;
    private CancellationTokenSource? _ensuring;
    private bool _lookTwice;
    private bool _disposed;

    public WorkloadId Id => context.Id;

    /// <summary>The newest word on what shall be; null if the workload shall not be here. A deletion interrupts what is under way.</summary>
    public void Update(DesiredWorkload? desired)
    {
        lock (_lock)
        {
            var ends = MustGo(desired) && !MustGo(_desired);
            _desired = desired;
            if (ends) _ensuring?.Cancel();
        }

        Ring();
    }

    public void Ring()
    {
        lock (_lock)
        {
            // A probe may ring while the last of the workload goes.
            if (!_disposed && _bell.CurrentCount == 0) _bell.Release();
        }
    }

    /// <summary>
    /// The runtime told of a change. Its own books may be a moment behind what it tells, so a second look follows.
    /// </summary>
    public void NoticeChange()
    {
        lock (_lock) _lookTwice = true;
        Ring();
    }

    /// <summary>Returns when nothing of the workload is left and nothing of it shall be.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        probes.Changed = Ring;
        while (true)
        {
            var round = await RoundAsync(stopping);
            if (round.Gone) return;
            await WaitAsync(SecondLook(round.LookAgainAt), stopping);
        }
    }

    private async Task<(bool Gone, DateTimeOffset? LookAgainAt)> RoundAsync(CancellationToken stopping)
    {
        using var interruption = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        lock (_lock)
        {
            _bell.Wait(0, CancellationToken.None);
            // What was last known serves the teardown: its grace period, its names.
            context.Desired = _desired ?? context.Desired;
            _ensuring = MustGo(_desired) ? null : interruption;
        }

        var ending = _ensuring is null;
        try
        {
            await context.RefreshAsync(interruption.Token);
            var result = ending ? await TeardownAsync(interruption.Token) : (Gone: false, await EnsureAsync(interruption.Token));
            backoff.Reset();
            return result;
        }
        catch (Exception failure) when (IsExpected(failure) && !stopping.IsCancellationRequested)
        {
            return (false, context.Now + Failed(failure, interruption.IsCancellationRequested));
        }
        finally
        {
            lock (_lock) _ensuring = null;
        }
    }

    private async Task<DateTimeOffset?> EnsureAsync(CancellationToken cancellation)
    {
        var begun = context.Now;
        context.Publish();
        DateTimeOffset? lookAgain = null;
        foreach (var hook in hooks)
        {
            using var activity = AgentActivities.Start(hook.Name, "ensure", context.Id, context.Desired?.TraceParent);
            var result = await hook.EnsureAsync(context, cancellation);
            if (lookAgain is null || result.LookAgainAt < lookAgain) lookAgain = result.LookAgainAt ?? lookAgain;
            if (!result.Content) break;
        }

        context.Publish();
        // Asked at the end, for only what has begun has a deadline; one that passed meanwhile no hook has seen.
        return context.DeadlineAfter(begun) is { } deadline && !(lookAgain < deadline) ? deadline : lookAgain;
    }

    private async Task<(bool Gone, DateTimeOffset? LookAgainAt)> TeardownAsync(CancellationToken cancellation)
    {
        foreach (var hook in hooks.Reverse())
        {
            using var activity = AgentActivities.Start(hook.Name, "teardown", context.Id, context.Desired?.TraceParent);
            await hook.TeardownAsync(context, cancellation);
        }

        lock (_lock)
        {
            // Wanted again while it went: rare, but the bell has rung and the next round sees it.
            if (!MustGo(_desired)) return (false, context.Now);
        }

        context.ReportGone();
        return (true, null);
    }

    private DateTimeOffset? SecondLook(DateTimeOffset? lookAgainAt)
    {
        lock (_lock)
        {
            if (!_lookTwice) return lookAgainAt;
            _lookTwice = false;
        }

        var second = context.Now + SecondLookAfter;
        return lookAgainAt < second ? lookAgainAt : second;
    }

    private async Task WaitAsync(DateTimeOffset? lookAgainAt, CancellationToken stopping)
    {
        if (lookAgainAt is not { } due)
        {
            await _bell.WaitAsync(stopping);
            return;
        }

        var delay = due - context.Now;
        if (delay <= TimeSpan.Zero) return;
        await using var timer = time.CreateTimer(_ => Ring(), null, delay, Timeout.InfiniteTimeSpan);
        await _bell.WaitAsync(stopping);
    }

    private TimeSpan Failed(Exception failure, bool interrupted)
    {
        if (interrupted) return TimeSpan.Zero;
        var delay = backoff.Next();
        logger.LogWarning("{Workload}: {Failure}; looking again in {Delay}", context.Id, Explain(failure), delay);
        return delay;
    }

    private static string Explain(Exception failure) => failure is RpcException rpc ? $"{rpc.StatusCode}: {rpc.Status.Detail}" : failure.Message;

    private static bool IsExpected(Exception failure)
        => failure is RpcException or OperationCanceledException or IOException or UnauthorizedAccessException;

    private static bool MustGo(DesiredWorkload? desired) => desired is null || desired.Deleting;

    public void Dispose()
    {
        probes.Dispose();
        lock (_lock)
        {
            _disposed = true;
            _bell.Dispose();
        }
    }
}
