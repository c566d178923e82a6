using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Networking;

/// <summary>A place in the changes of one kind, beside places in others: who waits for all of them doesn't begin to wait anew for each.</summary>
internal sealed class FollowedKind(KindCache cache)
{
    private readonly ChangeCursor _cursor = new(cache);
    private Task? _waiting;

    public KindCache Cache => cache;

    /// <summary>True if the place was lost, or this is the first call: then what it has handed over is not all that happened.</summary>
    public bool Read(Action<ObjectChange> take)
    {
        var restarted = false;
        _cursor.Read(_ => restarted = true, change =>
        {
            if (!restarted) take(change);
        });
        return restarted;
    }

    /// <summary>Ends once there is something to read.</summary>
    public Task Wait(CancellationToken cancellation)
    {
        if (_waiting is null || _waiting.IsCompleted) _waiting = _cursor.Wait(cancellation).AsTask();
        return _waiting;
    }
}
