using System.Collections.Frozen;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.ApiExtensionsV1;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Cache;

/// <summary>
/// Every object of the cluster in memory: Get, List and Watch read here and never touch the database. The sequencer applies each
/// committed batch before it acknowledges it, so whoever got an answer reads his own write.
/// </summary>
internal sealed class ObjectCache
{
    private const int RingSlots = 16384;

    private readonly ServedKinds _served = new();
    private volatile FrozenDictionary<ResourceId, KindCache> _kinds =
        KindCatalog.All.ToFrozenDictionary(kind => kind.Resource, kind => new KindCache(kind, RingSlots));

    private TaskCompletionSource _kindsChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision;

    /// <summary>The last revision that is wholly applied.</summary>
    public Revision Revision => new(Volatile.Read(ref _revision));

    public KindCache this[Kind kind] => _kinds[kind.Resource];

    /// <summary>Null if nobody has defined such a kind.</summary>
    public KindCache? Find(ResourceId resource) => _kinds.GetValueOrDefault(resource);

    public IEnumerable<KindCache> Kinds => _kinds.Values;

    /// <summary>The kinds that are served now. A definition's kinds are among them once it has been acknowledged as established.</summary>
    public KindSet Served => _served.Current;

    /// <summary>Ends with the next change of the kinds that there are.</summary>
    public Task KindsChanged => Volatile.Read(ref _kindsChanged).Task;

    /// <summary>Who owns what. It is never behind the objects that a reader sees.</summary>
    public KeyIndex Owners { get; } = new(obj => obj.Scan.Owners);

    /// <summary>What names a node in its spec.nodeName: bound to it, or demanding it.</summary>
    public KeyIndex Nodes { get; } = new(NodeNames.Of);

    public StoredObject? Find(ObjectKey key) => _kinds.GetValueOrDefault(key.Resource)?.Find(key.Namespace, key.Name);

    /// <summary>
    /// A consistent list: the objects, and the version to watch from. The revision is read first: the snapshot may be newer than it,
    /// never older, so a watch from the larger of both misses nothing and repeats nothing.
    /// </summary>
    public (KindCache.Snapshot Objects, Revision Revision) Read(Kind kind)
    {
        var applied = Revision;
        var snapshot = this[kind].Current;
        return (snapshot, snapshot.LastChange > applied ? snapshot.LastChange : applied);
    }

    /// <summary>Fills the cache from the log. Called once, before anything reads.</summary>
    public void Load(IEnumerable<LogRecord> current, Revision last)
    {
        var byKind = current.GroupBy(record => record.Key.Resource).ToDictionary(group => group.Key, group => group.ToArray());
        foreach (var record in byKind.GetValueOrDefault(ServedKinds.Definitions, []))
            _served.Take(record.Key.Name, CustomResourceDefinition.Parser.ParseFrom(record.Value.Span));
        ServeKinds(last);
        if (byKind.Keys.FirstOrDefault(resource => !_kinds.ContainsKey(resource)) is { Plural: not null } unknown)
            throw new StoreException($"The store holds '{byKind[unknown][0].Key}', a kind that this silo doesn't know: it was written by a newer version.");
        foreach (var (resource, cache) in _kinds)
            cache.Load(byKind.GetValueOrDefault(resource, []).Select(record => Indexed(new StoredObject(record.Key, cache.Kind, record.Revision, record.Value))), last);
        Volatile.Write(ref _revision, last.Value);
    }

    /// <summary>Takes over one committed batch. Called by the sequencer only.</summary>
    public void Apply(IReadOnlyList<ObjectChange> changes)
    {
        // A kind is there before its objects, and goes after them.
        var definitions = changes.Where(change => change.Object.Key.Resource == ServedKinds.Definitions).ToArray();
        if (definitions.Length > 0) Define(definitions, changes[^1].Revision, gone: false);
        foreach (var change in changes)
        {
            Owners.Apply(change);
            Nodes.Apply(change);
        }

        if (changes.Count == 1)
        {
            _kinds[changes[0].Object.Key.Resource].Apply(changes);
        }
        else
        {
            foreach (var ofKind in changes.GroupBy(change => change.Object.Key.Resource)) _kinds[ofKind.Key].Apply(ofKind.ToArray());
        }

        if (definitions.Length > 0) Define(definitions, changes[^1].Revision, gone: true);
        Volatile.Write(ref _revision, changes[^1].Revision.Value);
    }

    private void Define(ObjectChange[] changes, Revision revision, bool gone)
    {
        foreach (var last in changes.GroupBy(change => change.Object.Key.Name).Select(ofOne => ofOne.Last()).Where(change => (change.Operation == WriteOperation.Delete) == gone))
            _served.Take(last.Object.Key.Name, gone ? null : last.Object.As<CustomResourceDefinition>());
        ServeKinds(revision);
    }

    /// <summary>Has a cache for each kind, and none for what is no kind any more.</summary>
    private void ServeKinds(Revision revision)
    {
        var stored = _served.Stored.ToDictionary(kind => kind.Resource);
        var kinds = _kinds.Where(one => one.Value.Kind.Custom is null || stored.ContainsKey(one.Key)).ToDictionary();
        var ended = _kinds.Where(one => !kinds.ContainsKey(one.Key)).Select(one => one.Value).ToArray();
        foreach (var kind in stored.Values)
        {
            if (kinds.TryGetValue(kind.Resource, out var present))
            {
                present.Redefine(kind);
                continue;
            }

            var cache = new KindCache(kind, RingSlots);
            cache.Begin(revision);
            kinds.Add(kind.Resource, cache);
        }

        _kinds = kinds.ToFrozenDictionary();
        foreach (var cache in ended) cache.End();
        Interlocked.Exchange(ref _kindsChanged, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private StoredObject Indexed(StoredObject obj)
    {
        Owners.Add(obj);
        Nodes.Add(obj);
        return obj;
    }
}
