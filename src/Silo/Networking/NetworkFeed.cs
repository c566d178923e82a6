using Microsoft.Extensions.Options;
using Orchestrator.Agents.V1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Networking;

/// <summary>
/// Tells an agent what its host's network follows: the whole once, then changes. Each session is a reader of the object cache of its own,
/// as a watcher is: nothing of it passes through grains, and a slow agent holds up nobody else.
/// </summary>
internal sealed class NetworkFeed(ObjectCache cache, IOptions<NetworkOptions> options)
{
    /// <summary>Adds to a welcome what a host has to know before its first pod.</summary>
    public Welcome Introduce(Welcome welcome)
    {
        if (options.Value.DnsAddress is { } dns) (welcome.DnsAddress, welcome.ClusterDomain) = (AddressRange.Text(dns), options.Value.ClusterDomain);
        return welcome;
    }

    /// <summary>Ends with the session.</summary>
    public async Task Run(Agents.AgentSession session, CancellationToken cancellation)
    {
        var view = new NetworkView(cache, options.Value, session.Host);
        while (true)
        {
            foreach (var part in view.Read())
                if (!session.Send(new SiloMessage { Network = part })) return;
            await view.Wait(cancellation);
        }
    }
}
