using Google.Protobuf;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Objects;

/// <summary>
/// How grains change objects: on the newest version, and again if somebody else was faster. The system's own writes need no
/// validation; they are compare-and-swap like all others.
/// </summary>
internal sealed class ObjectEditor(ObjectCache cache, Sequencer sequencer)
{
    private const int Attempts = 32;

    /// <summary>
    /// Applies a change to a copy of the object. <paramref name="change"/> returns false if there is nothing to change (any more).
    /// Null if the object isn't there, is another one of the same name, or the store takes no writes.
    /// </summary>
    public async Task<StoredObject?> Edit<T>(ObjectKey key, string uid, Func<T, bool> change, CancellationToken cancellation = default)
        where T : class, IMessage<T>
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var present = cache.Find(key);
            if (present is null || (uid.Length > 0 && present.Uid != uid)) return null;
            var copy = present.Copy<T>();
            if (!change(copy) || copy.Equals(present.Message)) return present;
            var result = await sequencer.Commit(Write.Update(present, copy), cancellation);
            if (result.Done) return result.Object;
            if (result.Outcome != WriteOutcome.Conflict) return null;
        }

        return null;
    }

    /// <summary>Creates the object unless its name is taken.</summary>
    public async Task<WriteResult> Create(ObjectKey key, Kind kind, IMessage obj, CancellationToken cancellation = default) =>
        await sequencer.Commit(Write.Create(key, kind, obj), cancellation);

    /// <summary>Removes the object, whatever its version, if it is still the one with this uid. True if it is gone.</summary>
    public async Task<bool> Remove(ObjectKey key, string uid, CancellationToken cancellation = default)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var present = cache.Find(key);
            if (present is null || present.Uid != uid) return true;
            if (present.Metadata.Finalizers.Count > 0) return false;
            var result = await sequencer.Commit(Write.Delete(present), cancellation);
            if (result.Done) return true;
            if (result.Outcome != WriteOutcome.Conflict) return false;
        }

        return false;
    }
}
