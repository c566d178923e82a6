using System.Collections.Concurrent;
using System.Threading.Channels;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Quotas;

/// <summary>Keeps in each quota's status what is used of it. It is for people to read: the gate counts for itself.</summary>
internal sealed class QuotaStatus(ObjectCache cache, ObjectEditor editor) : BackgroundService
{
    private static readonly Kind Quotas = KindCatalog.Of<ResourceQuota>();

    private readonly Channel<string> _namespaces = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, bool> _queued = new(StringComparer.Ordinal);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(EveryKind.Follow(cache, kind => kind.Namespaced, Notice, stoppingToken), Work(stoppingToken));

    private void Notice(ObjectChange change)
    {
        var quotas = cache[Quotas].Current;
        if (quotas.Objects.Count == 0 || !quotas.In(change.Object.Key.Namespace).Any()) return;
        if (_queued.TryAdd(change.Object.Key.Namespace, true)) _namespaces.Writer.TryWrite(change.Object.Key.Namespace);
    }

    private async Task Work(CancellationToken stopping)
    {
        await foreach (var ns in _namespaces.Reader.ReadAllAsync(stopping))
        {
            _queued.TryRemove(ns, out _);
            foreach (var quota in cache[Quotas].Current.In(ns)) await Count(quota, stopping);
        }
    }

    private async Task Count(StoredObject quota, CancellationToken stopping) => await editor.Edit<ResourceQuota>(quota.Key, quota.Uid, changed =>
    {
        var hard = changed.Spec?.Hard ?? [];
        var status = new ResourceQuotaStatus();
        status.Hard.Add(hard);
        foreach (var (name, amount) in QuotaUsage.OfNamespace(quota.Key.Namespace, [.. hard.Keys], cache)) status.Used[name] = amount.ToString();
        changed.Status = status;
        return true;
    }, stopping);
}
