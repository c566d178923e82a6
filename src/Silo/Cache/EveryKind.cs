using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Silo.Cache;

/// <summary>Follows the changes of all kinds, those included that are defined later, until they are no kinds any more.</summary>
internal static class EveryKind
{
    /// <summary>Level-triggered: what there is comes first, as one create for each object, and may come again.</summary>
    public static async Task Follow(ObjectCache cache, Func<Kind, bool> wanted, Action<ObjectChange> notice, CancellationToken stopping)
    {
        var followed = new Dictionary<KindCache, Task>(ReferenceEqualityComparer.Instance);
        while (!stopping.IsCancellationRequested)
        {
            var changed = cache.KindsChanged;
            foreach (var kind in cache.Kinds.Where(kind => wanted(kind.Kind) && !followed.ContainsKey(kind))) followed[kind] = Follow(kind, notice, stopping);
            foreach (var ended in followed.Where(one => one.Value.IsCompleted).Select(one => one.Key).ToArray())
            {
                await followed[ended];
                followed.Remove(ended);
            }

            await changed.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(followed.Values);
    }

    private static async Task Follow(KindCache kind, Action<ObjectChange> notice, CancellationToken stopping)
    {
        var cursor = new ChangeCursor(kind);
        while (!stopping.IsCancellationRequested)
        {
            cursor.Read(_ => { }, notice);
            if (cursor.Ended) return;
            await cursor.Wait(stopping).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
