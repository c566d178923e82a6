using Orchestrator.Agents.V1;

namespace Orchestrator.NodeAgent.Networking.Cluster;

/// <summary>
/// What the silo has last said of the network, whole: the session puts it together, <see cref="NetworkService"/> carries it out. A silo that
/// is away leaves the network as it was.
/// </summary>
internal sealed class ClusterNetwork
{
    private NetworkState _gathered = NetworkState.Empty;
    private volatile NetworkState? _current;
    private volatile TaskCompletionSource _changed = NewSignal();

    /// <summary>Null before the first whole state of any session.</summary>
    public NetworkState? Current => _current;

    /// <summary>Called by the one session that there is at a time.</summary>
    public void Apply(NetworkUpdate update)
    {
        _gathered = (update.Reset ? NetworkState.Empty : _gathered).With(update);
        if (update.More) return;
        _current = _gathered;
        _changed.TrySetResult();
    }

    /// <summary>Ends with the next change, or after the time: then it is false.</summary>
    public async Task<bool> WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellation)
    {
        await _changed.Task.WaitAsync(longest, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        if (!_changed.Task.IsCompleted) return false;
        _changed = NewSignal();
        return true;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
