using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.NodeAgent.Connection;
using Orchestrator.NodeAgent.Networking.Overlay;
using Orchestrator.NodeAgent.Networking.Services;

namespace Orchestrator.NodeAgent.Networking.Cluster;

/// <summary>
/// Makes the host's network what the cluster says it is: again with each change, and from time to time, since others change it too. Each
/// part compares with what the kernel has and takes the steps in between, so any of them may be cut off at any point.
/// </summary>
internal sealed class NetworkService(
    ClusterNetwork network, PodRange range, HostOverlay overlay, ServiceTable services, TimeProvider time, Random random, ILogger<NetworkService> logger)
    : BackgroundService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);
    private NetworkState? _done;
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(250), LookAgain, random);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = LookAgain;
        while (true)
        {
            // Without a change everything is looked at again.
            if (!await network.WaitAsync(pause, time, stoppingToken)) _done = null;
            pause = network.Current is { } state && !await CarryOutAsync(state, stoppingToken) ? _backoff.Next() : LookAgain;
        }
    }

    /// <summary>False if something didn't work that may work later.</summary>
    private async Task<bool> CarryOutAsync(NetworkState state, CancellationToken cancellation)
    {
        // Without a range of its own the host has no part in the network yet.
        if (state.Own is not { PodCidr.Length: > 0 } own) return true;
        try
        {
            // Services change often, hosts rarely.
            if (_done is null || _done.Own != own || _done.Peers != state.Peers)
            {
                var link = await overlay.FindLinkAsync(own, cancellation);
                await range.TakeAsync(own.PodCidr, link.PodMtu, cancellation);
                await overlay.ApplyAsync(own, state.Peers.Values, link, cancellation);
                await services.CheckAsync(cancellation);
            }

            await services.ApplyAsync(own, state, cancellation);
            _done = state;
            _backoff.Reset();
            return true;
        }
        catch (IOException failed)
        {
            _done = null;
            logger.LogWarning("The host's network is not what it shall be: {Problem}; trying again", failed.Message);
            return false;
        }
    }
}
