using System.Collections.Concurrent;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Ownership;

/// <summary>
/// Takes away what has lost its owners, as Kubernetes' garbage collector does it:
/// <code>
/// deleted in the background: owner gone            → its dependents are deleted, those with another owner lose the reference
/// deleted in the foreground: owner waits, finalizer foregroundDeletion → dependents are deleted, then it goes
/// orphaning:                 owner waits, finalizer orphan             → dependents lose the reference, then it goes
/// </code>
/// Level-triggered: a change only says which object to look at, and a round over all of them finds whatever was missed.
/// </summary>
internal sealed class GarbageCollector(ObjectCache cache, ObjectPipeline pipeline, TimeProvider time, ILogger<GarbageCollector> logger) : BackgroundService
{
    private static readonly TimeSpan FullRound = TimeSpan.FromMinutes(1);

    private readonly KeyQueue<ObjectKey> _queue = new();
    private readonly ConcurrentDictionary<string, bool> _gone = new(StringComparer.Ordinal);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(EveryKind.Follow(cache, _ => true, Notice, stoppingToken), Work(stoppingToken), GoRound(stoppingToken));

    private async Task GoRound(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(FullRound, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            foreach (var uid in _gone.Keys.Where(uid => cache.Owners.Of(uid).IsEmpty)) _gone.TryRemove(uid, out _);
            foreach (var obj in cache.Kinds.SelectMany(kind => kind.Current.Objects))
                if (obj.Scan.Terminating || obj.Scan.Owners.Count > 0) _queue.Add(obj.Key);
        }
    }

    private async Task Work(CancellationToken stopping)
    {
        await foreach (var key in _queue.ReadAll(stopping))
        {
            try
            {
                await Examine(key, stopping);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // One object must not end the collection of all others; it is looked at again with the next round.
                logger.LogWarning(failure, "What {Object} owns could not be collected; the next round tries again", key);
            }
        }
    }

    private void Notice(ObjectChange change)
    {
        if (change.Operation == WriteOperation.Delete)
        {
            // Its kind may go with it, and then nobody could tell any more that it is gone.
            if (change.Object.Kind.Custom is not null && !cache.Owners.Of(change.Object.Uid).IsEmpty) _gone.TryAdd(change.Object.Uid, true);
            foreach (var dependent in cache.Owners.Of(change.Object.Uid)) _queue.Add(dependent);
            // An owner may be waiting for it.
            foreach (var reference in change.Object.Scan.Owners.Count == 0 ? [] : change.Object.Metadata.OwnerReferences)
                if (Owner(change.Object, reference) is { } owner) _queue.Add(owner);
        }
        else if (change.Object.Scan.Terminating || (change.Object.Scan.Owners.Count > 0 && !change.Object.Scan.Owners.SequenceEqual(change.Previous?.Scan.Owners ?? [])))
        {
            _queue.Add(change.Object.Key);
        }
    }

    private async Task Examine(ObjectKey key, CancellationToken cancellation)
    {
        if (cache.Find(key) is not { } obj) return;
        var finalizers = obj.Metadata.Finalizers;
        if (!obj.Terminating) await ExamineOwners(obj, cancellation);
        else if (finalizers.Contains(Finalizers.Orphan)) await Orphan(obj, cancellation);
        else if (finalizers.Contains(Finalizers.Foreground)) await Await(obj, cancellation);
    }

    private async Task Orphan(StoredObject owner, CancellationToken cancellation)
    {
        var left = true;
        foreach (var dependent in cache.Owners.Of(owner.Uid)) left &= await pipeline.Disown(dependent, [owner.Uid], cancellation);
        if (left) await pipeline.ReleaseFinalizer(owner, Finalizers.Orphan, cancellation);
    }

    /// <summary>The owner goes when nothing is left that blocks it; what goes tells of itself, and the owner is looked at again.</summary>
    private async Task Await(StoredObject owner, CancellationToken cancellation)
    {
        var dependents = cache.Owners.Of(owner.Uid);
        foreach (var dependent in dependents) _queue.Add(dependent);
        var blocked = dependents.Select(cache.Find).Any(dependent => dependent?.Metadata.OwnerReferences.Any(reference => reference.Uid == owner.Uid && reference.BlockOwnerDeletion) == true);
        if (!blocked) await pipeline.ReleaseFinalizer(owner, Finalizers.Foreground, cancellation);
    }

    private async Task ExamineOwners(StoredObject obj, CancellationToken cancellation)
    {
        var owners = obj.Metadata.OwnerReferences.Select(reference => (reference.Uid, State: StateOf(obj, reference))).ToArray();
        var lost = owners.Where(owner => owner.State != OwnerState.Present).Select(owner => owner.Uid).ToArray();
        if (lost.Length == 0) return;
        if (lost.Length < owners.Length)
        {
            await pipeline.Disown(obj.Key, lost, cancellation);
            return;
        }

        // What is waited for and owns things itself is waited for together with them, unless they wait for it in a circle.
        var waitedFor = owners.Any(owner => owner.State == OwnerState.Waiting);
        var dependents = waitedFor ? cache.Owners.Of(obj.Uid).Select(cache.Find).OfType<StoredObject>().ToArray() : [];
        var policy = dependents.Length > 0 && !dependents.Any(IsWaiting) ? Propagation.Foreground : Propagation.Background;
        await pipeline.Delete(obj.Key, obj.Kind, new DeleteOptions(Uid: obj.Uid, Propagation: policy), cancellation);
    }

    private enum OwnerState
    {
        Present,
        Waiting,
        Absent,
    }

    private OwnerState StateOf(StoredObject obj, OwnerReference reference)
    {
        // Whether an owner of a kind that nobody knows exists, nobody knows.
        if (cache.Served.Find(reference.ApiVersion, reference.Kind) is null) return _gone.ContainsKey(reference.Uid) ? OwnerState.Absent : OwnerState.Present;
        if (Owner(obj, reference) is not { } key || cache.Find(key) is not { } owner || owner.Uid != reference.Uid) return OwnerState.Absent;
        return IsWaiting(owner) ? OwnerState.Waiting : OwnerState.Present;
    }

    private static bool IsWaiting(StoredObject obj) => obj.Terminating && obj.Metadata.Finalizers.Contains(Finalizers.Foreground);

    private ObjectKey? Owner(StoredObject obj, OwnerReference reference) =>
        cache.Served.Find(reference.ApiVersion, reference.Kind) is { } kind
            ? new ObjectKey(kind.Resource, kind.Namespaced ? obj.Key.Namespace : "", reference.Name)
            : null;
}
