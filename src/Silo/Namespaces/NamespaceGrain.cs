using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orleans.Placement;

namespace Orchestrator.Silo.Namespaces;

/// <summary>Empties a terminating namespace, then removes it.</summary>
[Alias("orchestrator.INamespaceGrain")]
internal interface INamespaceGrain : IGrainWithStringKey
{
    /// <summary>Deletes what is in the namespace and, once nothing is left, the namespace. Idempotent.</summary>
    [Alias("Empty")]
    Task Empty();
}

[RandomPlacement]
internal sealed class NamespaceGrain(ObjectCache cache, ObjectPipeline pipeline, ObjectEditor editor) : Grain, INamespaceGrain
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
    private static readonly Kind Kind = KindCatalog.Of<Namespace>();

    private IGrainTimer? _timer;

    public async Task Empty()
    {
        var name = this.GetPrimaryKeyString();
        if (cache.Find(new ObjectKey(Kind.Resource, "", name)) is not { Terminating: true } present)
        {
            _timer?.Dispose();
            DeactivateOnIdle();
            return;
        }

        var left = 0;
        foreach (var kind in cache.Kinds.Select(cached => cached.Kind).Where(kind => kind.Namespaced))
        {
            foreach (var obj in cache[kind].Current.In(name).ToArray())
            {
                var result = await pipeline.Delete(obj.Key, kind, new DeleteOptions(Uid: obj.Uid), default);
                if (result is not ({ Outcome: ObjectOutcome.Deleted } or { Error.Reason: ErrorReason.NotFound })) left++;
            }
        }

        if (left == 0 && await editor.Remove(present.Key, present.Uid)) DeactivateOnIdle();
        else _timer ??= this.RegisterGrainTimer(Empty, new GrainTimerCreationOptions(LookAgain, LookAgain) { KeepAlive = true });
    }
}
