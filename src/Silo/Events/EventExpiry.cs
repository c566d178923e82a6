using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Events;

/// <summary>Removes events an hour after they were last seen, as Kubernetes does, so that what happened never fills the store.</summary>
internal sealed class EventExpiry(ObjectCache cache, ObjectEditor editor, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private static readonly TimeSpan Round = TimeSpan.FromMinutes(1);
    private static readonly Kind Events = KindCatalog.Of<Event>();

    public async Task RemoveExpired(CancellationToken cancellation)
    {
        var oldest = (time.GetUtcNow() - Kept).ToUnixTimeSeconds();
        foreach (var obj in cache[Events].Current.Objects)
        {
            var seen = obj.As<Event>().LastTimestamp ?? obj.Metadata.CreationTimestamp;
            if (seen.Seconds < oldest) await editor.Remove(obj.Key, obj.Uid, cancellation);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Round, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await RemoveExpired(stoppingToken);
    }
}
