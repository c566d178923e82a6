using System.Collections.Immutable;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Cache;

/// <summary>
/// All objects of one kind and the window of their latest changes. One writer (the sequencer's thread) swaps immutable snapshots;
/// any number of readers see them without a lock.
/// </summary>
internal sealed class KindCache
{
    private readonly ChangeRing _ring;
    private volatile Kind _kind;
    private volatile Snapshot _snapshot = new(ImmutableSortedSet.Create<StoredObject>(KeyOrder.Instance), Revision.None);

    public KindCache(Kind kind, int ringSlots)
    {
        _kind = kind;
        _ring = new ChangeRing(ringSlots);
    }

    /// <summary>Of a custom kind the version that is stored, as it is defined now.</summary>
    public Kind Kind => _kind;

    public ChangeRing Changes => _ring;

    /// <summary>The objects in the order of their keys, and the revision of the kind's last change.</summary>
    public Snapshot Current => _snapshot;

    public StoredObject? Find(string ns, string name) => _snapshot.Find(ns, name);

    /// <summary>Its definition has changed.</summary>
    public void Redefine(Kind kind) => _kind = kind;

    /// <summary>The kind has just been defined: nothing of it has ever changed.</summary>
    public void Begin(Revision revision) => _ring.StartAfter(revision);

    /// <summary>The kind is gone: whoever waits for its changes is told that there will be none.</summary>
    public void End() => _ring.Close();

    /// <summary>Fills the cache from the log, before anyone reads it.</summary>
    public void Load(IEnumerable<StoredObject> objects, Revision windowStart)
    {
        var loaded = objects.ToImmutableSortedSet(KeyOrder.Instance);
        var last = loaded.Count == 0 ? Revision.None : loaded.Max(obj => obj.Revision);
        _snapshot = new Snapshot(loaded, last);
        _ring.StartAfter(windowStart);
    }

    /// <summary>
    /// The objects as they were at a revision that is not ahead of the log: the present ones with the later changes undone. Null if
    /// those changes have left the ring.
    /// </summary>
    public Snapshot? At(Revision revision)
    {
        var present = _snapshot;
        if (present.LastChange <= revision) return present;
        if (_ring.Seek(revision) is not { } first) return null;
        var objects = present.Objects.ToBuilder();
        var undone = new List<ObjectChange>();
        for (var next = first; ; next++)
        {
            // The snapshot is published just before the ring; its last changes are there in a moment.
            if (_ring.Written <= next) SpinWait.SpinUntil(() => _ring.Written > next);
            if (_ring.Read(next) is not { } change) return null;
            undone.Add(change);
            if (change.Revision >= present.LastChange) break;
        }

        for (var i = undone.Count - 1; i >= 0; i--)
        {
            if (undone[i].Operation != WriteOperation.Delete) objects.Remove(undone[i].Object);
            if (undone[i].Previous is { } previous) objects.Add(previous);
        }

        return new Snapshot(objects.ToImmutable(), revision);
    }

    /// <summary>Takes over changes of this kind, in the order of their revisions.</summary>
    public void Apply(IReadOnlyList<ObjectChange> changes)
    {
        var objects = _snapshot.Objects.ToBuilder();
        foreach (var change in changes)
        {
            if (change.Previous is not null) objects.Remove(change.Previous);
            if (change.Operation != WriteOperation.Delete) objects.Add(change.Object);
        }

        _snapshot = new Snapshot(objects.ToImmutable(), changes[^1].Revision);
        _ring.Append(changes);
    }

    internal sealed record Snapshot(ImmutableSortedSet<StoredObject> Objects, Revision LastChange)
    {
        public StoredObject? Find(string ns, string name)
        {
            var index = IndexOf(ns, name);
            return index >= 0 ? Objects[index] : null;
        }

        /// <summary>The objects of one namespace, or of all where it is empty, after a key if one is given.</summary>
        public IEnumerable<StoredObject> In(string ns, (string Namespace, string Name)? after = null)
        {
            var start = after is { } last ? AfterIndex(last.Namespace, last.Name) : ns.Length == 0 ? 0 : AfterIndex(ns, "");
            for (var i = start; i < Objects.Count; i++)
            {
                var obj = Objects[i];
                if (ns.Length > 0 && obj.Key.Namespace != ns) yield break;
                yield return obj;
            }
        }

        private int AfterIndex(string ns, string name)
        {
            var index = IndexOf(ns, name);
            return index >= 0 ? index + 1 : ~index;
        }

        private int IndexOf(string ns, string name) =>
            Objects.Count == 0 ? ~0 : Objects.IndexOf(new StoredObject(new ObjectKey(Objects[0].Key.Resource, ns, name), Objects[0].Kind, default, default));
    }

    private sealed class KeyOrder : IComparer<StoredObject>
    {
        public static readonly KeyOrder Instance = new();

        public int Compare(StoredObject? x, StoredObject? y)
        {
            var order = string.CompareOrdinal(x!.Key.Namespace, y!.Key.Namespace);
            return order == 0 ? string.CompareOrdinal(x.Key.Name, y.Key.Name) : order;
        }
    }
}
