using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orchestrator.Contracts.Ids;

namespace Orchestrator.Silo.Cache;

/// <summary>Which objects name an object as their owner, by its uid. One writer; readers see immutable sets.</summary>
internal sealed class OwnerIndex
{
    private readonly ConcurrentDictionary<string, ImmutableHashSet<ObjectKey>> _dependents = new(StringComparer.Ordinal);

    public ImmutableHashSet<ObjectKey> DependentsOf(string uid) => _dependents.GetValueOrDefault(uid, []);

    public bool HasDependents(string uid) => _dependents.ContainsKey(uid);

    public void Add(StoredObject obj)
    {
        foreach (var owner in obj.Scan.Owners) _dependents.AddOrUpdate(owner, _ => [obj.Key], (_, present) => present.Add(obj.Key));
    }

    public void Remove(StoredObject obj)
    {
        foreach (var owner in obj.Scan.Owners)
        {
            if (!_dependents.TryGetValue(owner, out var present)) continue;
            var left = present.Remove(obj.Key);
            if (left.IsEmpty) _dependents.TryRemove(owner, out _);
            else _dependents[owner] = left;
        }
    }

    public void Apply(ObjectChange change)
    {
        if (change.Previous is { } previous) Remove(previous);
        if (change.Operation != Store.WriteOperation.Delete) Add(change.Object);
    }
}
