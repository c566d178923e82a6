using System.Runtime.CompilerServices;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects.Reading;
using Orchestrator.Silo.Objects.Selectors;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Objects;

internal enum WatchEventKind
{
    Added,
    Modified,
    Deleted,
    Bookmark,
}

/// <summary>A change as a watcher with a selection sees it. A bookmark has no object.</summary>
internal readonly record struct WatchedChange(WatchEventKind Kind, StoredObject? Object, Revision Revision);

/// <summary>A page of a list, and the version of the whole list.</summary>
internal sealed record ObjectPage(IReadOnlyList<StoredObject> Items, Revision Revision, string Continue, long Remaining);

/// <summary>Get, List and Watch: from the cache, never from the database.</summary>
internal sealed class ObjectReader(ObjectCache cache)
{
    public (ObjectPage? Page, ApiError? Error) List(Kind kind, ObjectSelection selection, ListPosition position)
    {
        var (start, error) = position.Find(cache, kind);
        if (start is not { } from) return (null, error);
        var items = new List<StoredObject>();
        long remaining = 0;
        foreach (var obj in from.Objects.In(selection.Namespace, from.After))
        {
            if (!selection.Matches(obj)) continue;
            if (position.Limit > 0 && items.Count >= position.Limit) remaining++;
            else items.Add(obj.In(kind));
        }

        return (new ObjectPage(items, from.Revision, remaining > 0 ? ListPosition.Continue(from.Revision, items[^1].Key) : "", remaining), null);
    }

    /// <summary>
    /// The changes after a version, or, where <paramref name="after"/> is null, what exists as ADDED, a bookmark, and then the changes.
    /// Ends with <see cref="WatchGoneException"/> when the version is compacted, ahead of the log, or the reader too slow.
    /// </summary>
    public async IAsyncEnumerable<WatchedChange> Watch(
        Kind kind, ObjectSelection selection, Revision? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (cache.Find(kind.Resource)?.Changes is not { } changes) throw new WatchGoneException($"{kind} is no kind of this server any more");
        if (after is null)
        {
            var (snapshot, revision) = cache.Read(kind);
            foreach (var obj in snapshot.In(selection.Namespace).Where(selection.Matches)) yield return new WatchedChange(WatchEventKind.Added, obj.In(kind), obj.Revision);
            yield return new WatchedChange(WatchEventKind.Bookmark, null, revision);
            after = revision;
        }
        else if (after > cache.Revision)
        {
            throw new WatchGoneException($"the version {after} is ahead of the log ({cache.Revision}): list anew");
        }

        var next = changes.Seek(after.Value) ?? throw new WatchGoneException($"the version {after} is too old: list anew");
        while (true)
        {
            await changes.WaitFor(next, cancellation);
            // Read before the changes: every change of this kind up to it is in the ring by then, and perhaps some after it.
            var reached = cache.Revision;
            for (; next < changes.Written; next++)
            {
                var change = changes.Read(next) ?? throw new WatchGoneException("the watch fell behind: list anew");
                // The snapshot is published before the ring: what it already holds is not told again.
                if (change.Revision <= after) continue;
                if (change.Revision > reached) reached = change.Revision;
                if (Seen(change, selection) is { } seen) yield return seen with { Object = seen.Object!.In(kind) };
            }

            yield return new WatchedChange(WatchEventKind.Bookmark, null, reached);
            // The kind is gone, and with it all that could change.
            if (changes.IsClosed && next >= changes.Written) yield break;
        }
    }

    /// <summary>To a watcher, an object that begins to match is added, and one that ceases to match is deleted.</summary>
    private static WatchedChange? Seen(ObjectChange change, ObjectSelection selection)
    {
        var before = change.Previous is not null && selection.Matches(change.Previous);
        var now = change.Operation != WriteOperation.Delete && selection.Matches(change.Object);
        return (before, now) switch
        {
            (false, false) => null,
            (false, true) => new WatchedChange(WatchEventKind.Added, change.Object, change.Revision),
            (true, true) => new WatchedChange(WatchEventKind.Modified, change.Object, change.Revision),
            (true, false) => new WatchedChange(WatchEventKind.Deleted, change.Object, change.Revision),
        };
    }
}

/// <summary>A watch can't go on from where it is: the client has to list anew (410 Gone).</summary>
internal sealed class WatchGoneException(string message) : Exception(message);
