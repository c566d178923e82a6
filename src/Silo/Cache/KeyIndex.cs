using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orchestrator.Contracts.Ids;

namespace Orchestrator.Silo.Cache;

/// <summary>
/// Which objects carry a value, such as the uid of an owner or the name of a node. One writer; readers see immutable sets, which may be
/// a moment ahead of the objects they find.
/// </summary>
internal sealed class KeyIndex(Func<StoredObject, IReadOnlyList<string>> valuesOf)
{
    private readonly ConcurrentDictionary<string, ImmutableHashSet<ObjectKey>> _keys = new(StringComparer.Ordinal);

    public ImmutableHashSet<ObjectKey> Of(string value) => _keys.GetValueOrDefault(value, []);

    public void Add(StoredObject obj)
    {
        foreach (var value in valuesOf(obj)) _keys.AddOrUpdate(value, _ => [obj.Key], (_, present) => present.Add(obj.Key));
    }

    public void Apply(ObjectChange change)
    {
        var before = change.Previous is { } previous ? valuesOf(previous) : [];
        var after = change.Operation == Store.WriteOperation.Delete ? [] : valuesOf(change.Object);
        if (before.SequenceEqual(after)) return;
        foreach (var value in before) Remove(value, change.Object.Key);
        if (after.Count > 0) Add(change.Object);
    }

    private void Remove(string value, ObjectKey key)
    {
        if (!_keys.TryGetValue(value, out var present)) return;
        var left = present.Remove(key);
        if (left.IsEmpty) _keys.TryRemove(value, out _);
        else _keys[value] = left;
    }
}
