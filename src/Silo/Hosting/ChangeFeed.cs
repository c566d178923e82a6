using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Scheduler;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Namespaces;
using Orchestrator.Silo.Objects.Kinds;
using Orchestrator.Silo.Scheduling;
using Orchestrator.Silo.Store;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Hosting;

/// <summary>
/// Wakes the grain of every object that changes; at the start, of every object there is. It decides nothing: each grain looks at its
/// object and finds its own next step. A wake-up that fails is repeated with the next full round.
/// </summary>
internal sealed class ChangeFeed(ObjectCache cache, WorkloadSources sources, IGrainFactory grains, TimeProvider time, ILogger<ChangeFeed> logger) : BackgroundService
{
    private const int WakeUpsAtOnce = 64;
    private static readonly TimeSpan FullRound = TimeSpan.FromMinutes(1);
    private static readonly Kind Nodes = KindCatalog.Of<Node>();
    private static readonly Kind Namespaces = KindCatalog.Of<Namespace>();

    private readonly SemaphoreSlim _slots = new(WakeUpsAtOnce);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Wakers().Concat(SourceWakers()).Select(waker => Follow(waker.Kind, waker.Wake, stoppingToken)).Append(GoRound(stoppingToken)));

    private (Kind Kind, Func<ObjectChange, Task> Wake)[] Wakers() =>
        [(WorkloadGrains.Pods, WakeWorkload), (WorkloadGrains.Machines, WakeWorkload), (Nodes, WakeHost), (Namespaces, WakeNamespace), (Gangs.Kind, _ => Happened(ClusterEvents.GroupChanged))];

    /// <summary>No part of the full round: the workloads in it look at their sources themselves.</summary>
    private (Kind Kind, Func<ObjectChange, Task> Wake)[] SourceWakers() =>
        [(WorkloadSources.ConfigMaps, WakeReaders), (WorkloadSources.Secrets, WakeReaders), (MachineSizes.Types, WakeSized)];

    private async Task Follow(Kind kind, Func<ObjectChange, Task> wake, CancellationToken stopping)
    {
        var cursor = new ChangeCursor(cache[kind]);
        var changes = new List<ObjectChange>();
        while (!stopping.IsCancellationRequested)
        {
            changes.Clear();
            cursor.Read(_ => { }, changes.Add);
            foreach (var change in changes) await Wake(change, wake, stopping);
            await cursor.Wait(stopping).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The safety net: whatever a lost wake-up has left undone is found again.</summary>
    private async Task GoRound(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(FullRound, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            foreach (var (kind, wake) in Wakers())
            {
                foreach (var obj in cache[kind].Current.Objects)
                    await Wake(new ObjectChange(obj.Revision, WriteOperation.Update, obj, null, default), wake, stopping);
            }
        }
    }

    private async Task Wake(ObjectChange change, Func<ObjectChange, Task> wake, CancellationToken stopping)
    {
        await _slots.WaitAsync(stopping);
        _ = Run();

        async Task Run()
        {
            try
            {
                using var activity = change.Trace == default ? null : Observability.Traces.Source.StartActivity("feed.wake", default, change.Trace);
                await wake(change);
            }
            catch (Exception failure)
            {
                // A grain that fails must not end the feed of all others; it is woken again with the next round.
                logger.LogWarning(failure, "The grain of {Object} could not be woken; the next round tries again", change.Object.Key);
            }
            finally
            {
                _slots.Release();
            }
        }
    }

    private async Task WakeWorkload(ObjectChange change)
    {
        var workload = grains.Workload(change.Object.Key);
        if (change.Operation != WriteOperation.Delete)
        {
            await workload.Wake();
            if (WorkloadState.Of(change.Object).Ended) await Happened(ClusterEvents.WorkloadGone);
            return;
        }

        await workload.Deleted(WorkloadState.Of(change.Object).Host, change.Object.Uid);
        await Happened(ClusterEvents.WorkloadGone);
    }

    private async Task WakeReaders(ObjectChange change)
    {
        foreach (var workload in sources.Readers(change.Object.Key)) await grains.Workload(workload.Key).Wake();
    }

    /// <summary>A machine that fits nowhere may fit with another size.</summary>
    private async Task WakeSized(ObjectChange change)
    {
        await WakeReaders(change);
        await Happened(ClusterEvents.Anything);
    }

    private async Task WakeHost(ObjectChange change)
    {
        if (change.Operation != WriteOperation.Delete) await grains.GetGrain<IHostGrain>(change.Object.Key.Name).Wake();
        await Happened(ClusterEvents.HostChanged);
    }

    private Task WakeNamespace(ObjectChange change) =>
        change.Object.Terminating && change.Operation != WriteOperation.Delete
            ? grains.GetGrain<INamespaceGrain>(change.Object.Key.Name).Empty()
            : Task.CompletedTask;

    private Task Happened(ClusterEvents events) => grains.GetGrain<ISchedulerGrain>(SchedulerGrain.Default).Happened((int)events);
}
