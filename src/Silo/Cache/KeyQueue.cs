using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Orchestrator.Silo.Cache;

/// <summary>
/// What a level-triggered worker has to look at: each key once, however often it is queued. A key that comes again while it is looked at is
/// looked at again afterwards. It grows with the keys that there are, and never with the changes.
/// </summary>
internal sealed class KeyQueue<T>
    where T : notnull
{
    private readonly Channel<T> _keys = Channel.CreateUnbounded<T>();
    private readonly ConcurrentDictionary<T, bool> _waiting = new();

    public void Add(T key)
    {
        if (_waiting.TryAdd(key, true)) _keys.Writer.TryWrite(key);
    }

    /// <summary>Never ends by itself.</summary>
    public async IAsyncEnumerable<T> ReadAll([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stopping)
    {
        await foreach (var key in _keys.Reader.ReadAllAsync(stopping))
        {
            _waiting.TryRemove(key, out _);
            yield return key;
        }
    }
}
