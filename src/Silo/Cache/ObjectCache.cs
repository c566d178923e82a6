using System.Collections.Frozen;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Cache;

/// <summary>
/// Every object of the cluster in memory: Get, List and Watch read here and never touch the database. The sequencer applies each
/// committed batch before it acknowledges it, so whoever got an answer reads his own write.
/// </summary>
internal sealed class ObjectCache
{
    private const int RingSlots = 16384;

    private readonly FrozenDictionary<ResourceId, KindCache> _kinds =
        KindCatalog.All.ToFrozenDictionary(kind => kind.Resource, kind => new KindCache(kind, RingSlots));

    private long _revision;

    /// <summary>The last revision that is wholly applied.</summary>
    public Revision Revision => new(Volatile.Read(ref _revision));

    public KindCache this[Kind kind] => _kinds[kind.Resource];

    public IEnumerable<KindCache> Kinds => _kinds.Values;

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
        var byKind = current.Select(ToObject).Select(Indexed).GroupBy(obj => obj.Key.Resource).ToDictionary(group => group.Key);
        foreach (var (resource, cache) in _kinds)
            cache.Load(byKind.TryGetValue(resource, out var objects) ? objects : Enumerable.Empty<StoredObject>(), last);
        Volatile.Write(ref _revision, last.Value);
    }

    /// <summary>Takes over one committed batch. Called by the sequencer only.</summary>
    public void Apply(IReadOnlyList<ObjectChange> changes)
    {
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

        Volatile.Write(ref _revision, changes[^1].Revision.Value);
    }

    private StoredObject Indexed(StoredObject obj)
    {
        Owners.Add(obj);
        Nodes.Add(obj);
        return obj;
    }

    private static StoredObject ToObject(LogRecord record)
    {
        var kind = KindCatalog.Find(record.Key.Resource)
            ?? throw new StoreException($"The store holds '{record.Key}', a kind that this silo doesn't know: it was written by a newer version.");
        return new StoredObject(record.Key, kind, record.Revision, record.Value);
    }
}
