namespace Orchestrator.Silo.Tests.Model;

/// <summary>An object as the model keeps it. Immutable: events hold what it was.</summary>
internal sealed record ModelObject(string Name, long Version, long Generation, string Holder, string Label, bool Finalizer, bool Terminating)
{
    public override string ToString() => $"{Name}@{Version} generation {Generation} holder '{Holder}' label '{Label}'{(Finalizer ? " held" : "")}{(Terminating ? " ending" : "")}";
}

/// <summary>
/// What objects mean, as slowly and plainly as it can be said: a dictionary, a number and a list of all that ever happened. It knows nothing
/// of protobuf, caches, batches or rings; it is what Kubernetes' documentation says of one kind with a spec.
/// </summary>
internal sealed class ReferenceModel
{
    public const string NotFound = "NotFound";
    public const string Exists = "AlreadyExists";
    public const string Conflict = "Conflict";

    private readonly Dictionary<string, ModelObject> _objects = [];
    private readonly List<(long Version, ModelObject? Before, ModelObject? After, ModelObject Told)> _history = [];
    private readonly long _begin;
    private long _version;

    public ReferenceModel(long version) => _begin = _version = version;

    public long Version => _version;

    public ModelObject? Find(string name) => _objects.GetValueOrDefault(name);

    public string Create(string name, string holder, string label, bool finalizer)
    {
        if (_objects.ContainsKey(name)) return Exists;
        return Put(null, new ModelObject(name, 0, 1, holder, label, finalizer, Terminating: false));
    }

    /// <param name="version">What the writer has seen; 0 if he doesn't say.</param>
    public string Update(string name, long version, Func<ModelObject, ModelObject> change)
    {
        if (!_objects.TryGetValue(name, out var present)) return NotFound;
        if (version != 0 && version != present.Version) return Conflict;
        var updated = change(present);
        if (updated == present) return present.ToString();
        if (present is { Terminating: true, Finalizer: true } && !updated.Finalizer) return Remove(present, present);
        return Put(present, updated with { Generation = updated.Holder == present.Holder ? present.Generation : present.Generation + 1 });
    }

    public string Delete(string name, long version)
    {
        if (!_objects.TryGetValue(name, out var present)) return NotFound;
        if (version != 0 && version != present.Version) return Conflict;
        if (!present.Finalizer) return Remove(present, present);
        return present.Terminating ? present.ToString() : Put(present, present with { Terminating = true, Generation = present.Generation + 1 });
    }

    public IEnumerable<string> List(string label) =>
        _objects.Values.Where(one => Chooses(label, one)).OrderBy(one => one.Name, StringComparer.Ordinal).Select(one => one.ToString());

    /// <summary>What a watcher with a selector is told of what happened after a version.</summary>
    public IEnumerable<string> EventsAfter(long version, string label)
    {
        foreach (var (at, before, after, told) in _history)
        {
            if (at <= version) continue;
            var (was, now) = (before is not null && Chooses(label, before), after is not null && Chooses(label, after));
            if (was || now) yield return $"{(was && now ? "Modified" : now ? "Added" : "Deleted")} {told}";
        }
    }

    public long SomeVersion(int number) => _begin + number % (_version - _begin + 1);

    private string Put(ModelObject? before, ModelObject updated)
    {
        var after = updated with { Version = ++_version };
        _objects[after.Name] = after;
        _history.Add((_version, before, after, after));
        return after.ToString();
    }

    private string Remove(ModelObject present, ModelObject last)
    {
        _objects.Remove(present.Name);
        var told = last with { Version = ++_version };
        _history.Add((_version, present, null, told));
        return told.ToString();
    }

    private static bool Chooses(string label, ModelObject one) => label.Length == 0 || one.Label == label;
}
