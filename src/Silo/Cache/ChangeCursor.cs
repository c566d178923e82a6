using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Cache;

/// <summary>
/// A place in the changes of one kind, for a reader inside the silo that wants the present state first and then every change. A
/// reader that falls off the ring starts over with the present state.
/// </summary>
internal sealed class ChangeCursor(KindCache cache)
{
    private long? _next;

    /// <summary>
    /// Hands over what has changed since the last call. <paramref name="restart"/> is called before a full state is handed over,
    /// which then comes as one create for each object.
    /// </summary>
    public void Read(Action<Kind> restart, Action<ObjectChange> take)
    {
        while (true)
        {
            if (_next is null) Start(restart, take);
            for (; _next < cache.Changes.Written; _next++)
            {
                if (cache.Changes.Read(_next.Value) is not { } change)
                {
                    _next = null;
                    break;
                }

                take(change);
            }

            if (_next is not null) return;
        }
    }

    /// <summary>Whether there will never be anything to read again.</summary>
    public bool Ended => cache.Changes.IsClosed && _next >= cache.Changes.Written;

    /// <summary>Ends once there is something to read, or never will be.</summary>
    public ValueTask Wait(CancellationToken cancellation) =>
        _next is { } next ? cache.Changes.WaitFor(next, cancellation) : ValueTask.CompletedTask;

    private void Start(Action<Kind> restart, Action<ObjectChange> take)
    {
        // The place is taken before the state is read: what changes in between is seen twice, which a level-triggered reader doesn't mind.
        _next = cache.Changes.Written;
        var present = cache.Current;
        restart(cache.Kind);
        foreach (var obj in present.Objects) take(new ObjectChange(obj.Revision, WriteOperation.Create, obj, null, default));
    }
}
