using System.Collections.Immutable;
using Google.Protobuf;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Client;

/// <summary>
/// A copy of objects that follows the cluster, and tells of each change once:
/// <code>
/// Filling ──(all that was there has been told)──► Synced ──(disposed)──► Ended
///    └──────────────(a handler failed, or the server refused)────────────► Ended, with the error
/// </code>
/// A server that is away is waited for; what changed meanwhile is told when it is back. Reading needs no lock and never blocks: it sees one
/// moment, and never a half of a change.
/// </summary>
public sealed class Informer<T> : IAsyncDisposable where T : class, IMessage<T>, new()
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Kind _kind;
    private readonly InformerHandlers<T> _handlers;
    private ImmutableDictionary<(string Namespace, string Name), T> _objects = ImmutableDictionary<(string, string), T>.Empty;

    private bool _disposed;

    internal Informer(Func<CancellationToken, IAsyncEnumerable<ObjectChange<T>>> follow, Kind kind, InformerHandlers<T> handlers)
    {
        (_kind, _handlers) = (kind, handlers);
        Completion = RunAsync(follow(_stopping.Token));
    }

    /// <summary>The objects as they are known now, by namespace and name. They are shared: copy before changing one.</summary>
    public IReadOnlyDictionary<(string Namespace, string Name), T> Objects => Volatile.Read(ref _objects);

    /// <summary>Completes when the cache has all that was there at the beginning; fails with what ended it before.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Completes when the informer has been disposed; fails with what else ended it.</summary>
    public Task Completion { get; }

    /// <summary>The object as it is known now, or null.</summary>
    public T? Find(string ns, string name) => Objects.GetValueOrDefault((ns, name));

    /// <summary>Ends it; returns when no handler runs any more. What ended it before, <see cref="Completion"/> tells.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        await _stopping.CancelAsync();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync(IAsyncEnumerable<ObjectChange<T>> changes)
    {
        // The caller goes on at once, whatever the first call takes.
        await Task.Yield();
        try
        {
            await foreach (var change in changes)
            {
                if (change.Value is { } obj) await TakeAsync(change.Type, obj);
                else _synced.TrySetResult();
            }
        }
        catch (Exception ended) when (_stopping.IsCancellationRequested && ended is OperationCanceledException or Grpc.Core.RpcException)
        {
            _synced.TrySetCanceled();
        }
        catch (Exception failed)
        {
            _synced.TrySetException(failed);
            throw;
        }
    }

    private Task TakeAsync(ChangeType type, T obj)
    {
        var metadata = _kind.EnsureMetadata(obj);
        var key = (metadata.Namespace, metadata.Name);
        var before = _objects.GetValueOrDefault(key);
        Volatile.Write(ref _objects, type == ChangeType.Deleted ? _objects.Remove(key) : _objects.SetItem(key, obj));
        var handled = (type, before) switch
        {
            (ChangeType.Deleted, _) => _handlers.Deleted?.Invoke(obj),
            (_, null) => _handlers.Added?.Invoke(obj),
            _ => _handlers.Modified?.Invoke(before, obj),
        };
        return handled ?? Task.CompletedTask;
    }
}
