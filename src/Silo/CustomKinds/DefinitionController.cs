using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.ApiExtensionsV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.CustomKinds;

/// <summary>
/// Keeps each definition's status true, and takes the objects of one that is being deleted away before it goes. Level-triggered: a
/// change only says which definition to look at, and a round over all of them finds whatever was missed.
/// </summary>
internal sealed class DefinitionController(
    ObjectCache cache, ObjectPipeline pipeline, ObjectEditor editor, TimeProvider time, ILogger<DefinitionController> logger) : BackgroundService
{
    private static readonly TimeSpan FullRound = TimeSpan.FromMinutes(1);
    private static readonly Kind Definitions = KindCatalog.Of<CustomResourceDefinition>();

    private readonly KeyQueue<string> _queue = new();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        EveryKind.Follow(cache, kind => kind.Custom is not null || kind.Resource == ServedKinds.Definitions, Notice, stoppingToken), Work(stoppingToken), GoRound(stoppingToken));

    private void Notice(ObjectChange change)
    {
        if (change.Object.Kind.Custom is { } custom)
        {
            // A definition may be waiting for it to go.
            if (change.Operation == WriteOperation.Delete && Find(custom.DefinedBy)?.Terminating == true) _queue.Add(custom.DefinedBy);
        }
        else if (change.Operation == WriteOperation.Delete)
        {
            QueueAll();
        }
        else
        {
            _queue.Add(change.Object.Key.Name);
        }
    }

    private async Task GoRound(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(FullRound, time);
        while (await timer.WaitForNextTickAsync(stopping)) QueueAll();
    }

    private async Task Work(CancellationToken stopping)
    {
        await foreach (var name in _queue.ReadAll(stopping))
        {
            try
            {
                if (Find(name) is { Terminating: true } ending) await Empty(ending, stopping);
                else if (Find(name) is { } present) await editor.Edit<CustomResourceDefinition>(present.Key, present.Uid, Settle, stopping);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // One definition must not end the care for all others; it is looked at again with the next round.
                logger.LogWarning(failure, "The definition {Definition} could not be looked after; the next round tries again", name);
            }
        }
    }

    private bool Settle(CustomResourceDefinition definition)
    {
        DefinitionNames.Settle(definition, cache.Served, time.GetUtcNow());
        return true;
    }

    /// <summary>Deletes what is left of the kind. What waits for finalizers of its own tells when it goes.</summary>
    private async Task Empty(StoredObject definition, CancellationToken cancellation)
    {
        var spec = definition.As<CustomResourceDefinition>().Spec;
        var kind = cache.Find(new ResourceId(spec.Group, spec.Names.Plural));
        var own = kind?.Kind.Custom?.DefinedBy == definition.Key.Name ? kind : null;
        foreach (var obj in own?.Current.Objects.Where(obj => !obj.Terminating).ToArray() ?? [])
            await pipeline.Delete(obj.Key, obj.Kind, new DeleteOptions(Uid: obj.Uid), cancellation);
        if (own is null || own.Current.Objects.Count == 0) await pipeline.ReleaseFinalizer(definition, DefinitionNames.Cleanup, cancellation);
    }

    private StoredObject? Find(string name) => cache.Find(new ObjectKey(Definitions.Resource, "", name));

    private void QueueAll()
    {
        foreach (var definition in cache[Definitions].Current.Objects) _queue.Add(definition.Key.Name);
    }
}
