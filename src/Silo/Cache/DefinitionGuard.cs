using Orchestrator.Contracts.Ids;
using Orchestrator.Objects.ApiExtensionsV1;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Cache;

/// <summary>
/// What holds between definitions and the objects of their kinds whatever else happens: no object without its definition. The writer asks
/// it about each write, so that nothing can come in between.
/// </summary>
internal static class DefinitionGuard
{
    /// <param name="write">What is about to be written.</param>
    /// <param name="cache">What is there.</param>
    /// <param name="batch">What the writes before it in the same batch have made of that; null: deleted.</param>
    public static bool Allows(Write write, ObjectCache cache, IReadOnlyDictionary<ObjectKey, StoredObject?> batch)
    {
        if (write.Kind.Custom is { } custom && write.Message is not null)
        {
            var key = new ObjectKey(ServedKinds.Definitions, "", custom.DefinedBy);
            var definition = batch.TryGetValue(key, out var changed) ? changed : cache.Find(key);
            return definition is not null && (cache.Find(write.Key.Resource) is not null || ServedKinds.IsEstablished(definition.As<CustomResourceDefinition>()));
        }

        if (write.Key.Resource != ServedKinds.Definitions || write.Message is not null || cache.Find(write.Key) is not { } present) return true;
        var spec = present.As<CustomResourceDefinition>().Spec;
        var resource = new Contracts.Kinds.ResourceId(spec.Group, spec.Names.Plural);
        return cache.Find(resource)?.Current.Objects.All(obj => batch.TryGetValue(obj.Key, out var changed) && changed is null) != false
            && !batch.Values.Any(obj => obj?.Key.Resource == resource);
    }
}
