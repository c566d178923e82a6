using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Networking.Dns;

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

    private readonly TaskCompletionSource<ClusterDns> _dns = NewSignal<ClusterDns>();

    /// <summary>Ends with the first session that says so.</summary>
    public Task<ClusterDns> DnsKnown => _dns.Task;

    /// <summary>Null before that, and in a cluster without.</summary>
    public ClusterDns? Dns => _dns.Task.IsCompletedSuccessfully ? _dns.Task.Result : null;

    public void Welcome(Welcome welcome)
    {
        if (PlainAddress.Is(welcome.DnsAddress)) _dns.TrySetResult(new ClusterDns(welcome.DnsAddress, welcome.ClusterDomain));
    }

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

    private static TaskCompletionSource<T> NewSignal<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
