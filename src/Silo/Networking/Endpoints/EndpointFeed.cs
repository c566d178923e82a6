using System.Collections.Concurrent;
using Orchestrator.Contracts.Ids;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Store;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Networking.Endpoints;

/// <summary>
/// Finds the services whose endpoints may have changed, and has them written. A change only says which service to look at; a service that
/// changes often is looked at as often as its slices can be written, and no more.
/// </summary>
internal sealed class EndpointFeed(ObjectCache cache, EndpointController controller, TimeProvider time, ILogger<EndpointFeed> logger) : BackgroundService
{
    private const int ServicesAtOnce = 8;
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(5);

    private readonly KeyQueue<ObjectKey> _queue = new();
    private readonly ConcurrentQueue<ObjectKey> _failed = new();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        Follow(cache[EndpointController.Services], change => _queue.Add(change.Object.Key), stoppingToken),
        Follow(cache[WorkloadGrains.Pods], Workload, stoppingToken),
        Follow(cache[WorkloadGrains.Machines], Workload, stoppingToken),
        Follow(cache[EndpointSlices.Kind], Slice, stoppingToken),
        Parallel.ForEachAsync(_queue.ReadAll(stoppingToken), new ParallelOptions { MaxDegreeOfParallelism = ServicesAtOnce, CancellationToken = stoppingToken }, Work),
        Retry(stoppingToken));

    private async Task Follow(KindCache kind, Action<ObjectChange> notice, CancellationToken stopping)
    {
        var followed = new FollowedKind(kind);
        while (!stopping.IsCancellationRequested)
        {
            if (followed.Read(notice)) foreach (var service in cache[EndpointController.Services].Current.Objects) _queue.Add(service.Key);
            await followed.Wait(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Workload(ObjectChange change)
    {
        var (now, before) = (change.Operation == WriteOperation.Delete ? null : change.Object, change.Previous);
        if (now is not null && before is not null && !EndpointTarget.Differ(before, now)) return;
        foreach (var service in cache[EndpointController.Services].Current.In(change.Object.Key.Namespace))
        {
            var spec = service.As<Service>().Spec;
            if ((now is not null && ServiceSelection.Chooses(spec, now)) || (before is not null && ServiceSelection.Chooses(spec, before))) _queue.Add(service.Key);
        }
    }

    /// <summary>Also our own writes: what they have made is looked at once, and is found right.</summary>
    private void Slice(ObjectChange change)
    {
        if (EndpointSlices.IsOurs(change.Object) || (change.Previous is { } before && EndpointSlices.IsOurs(before)))
            _queue.Add(new ObjectKey(EndpointController.Services.Resource, change.Object.Key.Namespace, EndpointSlices.ServiceOf(change.Previous ?? change.Object)));
    }

    private async ValueTask Work(ObjectKey service, CancellationToken stopping)
    {
        try
        {
            if (await controller.Reconcile(service, stopping)) return;
            logger.LogWarning("The endpoints of service {Service} could not be stored; trying again in {Seconds} s", service, TryAgain.TotalSeconds);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // One service must not end the work for all others; it is looked at again.
            logger.LogWarning(failure, "The endpoints of service {Service} could not be worked out; trying again in {Seconds} s", service, TryAgain.TotalSeconds);
        }

        _failed.Enqueue(service);
    }

    private async Task Retry(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TryAgain, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            for (var count = _failed.Count; count > 0 && _failed.TryDequeue(out var service); count--) _queue.Add(service);
        }
    }
}
