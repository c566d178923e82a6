using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net.Dns;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.NodeAgent.Networking.Cluster;

namespace Orchestrator.NodeAgent.Networking.Dns;

/// <summary>
/// The cluster's DNS server, one on each host at the same address, which only this host has: pods and machines never ask another host. It begins when
/// the session has said which address and what names there are, and answers on while the silo is away.
/// </summary>
internal sealed class DnsService(ClusterNetwork network, HostTools tools, HostResolver upstream, TimeProvider time, ILogger<DnsService> logger) : BackgroundService
{
    private const int Port = 53;
    private const int UpstreamAtOnce = 256;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _asking = new(UpstreamAtOnce);
    private (NetworkState State, DnsZone Zone)? _known;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var dns = await network.DnsKnown.WaitAsync(stoppingToken);
        var answers = new DnsAnswers(dns.Domain);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await tools.RequireAsync(stoppingToken, "ip", "address", "replace", $"{dns.Address}/32", "dev", "lo");
                var endpoint = new IPEndPoint(IPAddress.Parse(dns.Address), Port);
                await ServeAsync(endpoint, answers, stoppingToken);
            }
            catch (Exception failed) when (failed is IOException or SocketException)
            {
                logger.LogWarning("The cluster's DNS server can't listen at {Address}: {Problem}; trying again", dns.Address, failed.Message);
                await Task.Delay(LookAgain, time, stoppingToken);
            }
        }
    }

    /// <summary>Until it is to stop.</summary>
    internal async Task ServeAsync(IPEndPoint endpoint, DnsAnswers answers, CancellationToken stopping)
    {
        var server = new DnsServer(new UdpServerTransport(endpoint), new TcpServerTransport(endpoint));
        server.QueryReceived += async (_, asked) =>
        {
            if (asked.Query is DnsMessage query) asked.Response = answers.Answer(query, Zone()) ?? await AskAsync(query, stopping);
        };
        try
        {
            server.Start();
            logger.LogInformation("The cluster's DNS server answers at {Address}", endpoint);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            Stop(server);
        }
    }

    /// <summary>It waits for its listeners, which it has just cancelled, and says so.</summary>
    internal static void Stop(DnsServer server)
    {
        try
        {
            server.Stop();
        }
        catch (AggregateException cancelled) when (cancelled.InnerExceptions.All(inner => inner is OperationCanceledException))
        {
        }
    }

    /// <summary>What the names are now; worked out when the first one asks after a change.</summary>
    private DnsZone Zone()
    {
        var (state, known) = (network.Current ?? NetworkState.Empty, _known);
        if (known is { } same && ReferenceEquals(same.State, state)) return same.Zone;
        var zone = DnsZone.Of(state);
        _known = (state, zone);
        return zone;
    }

    /// <summary>Somebody else's names. More questions at once than somebody else can answer are refused, so that ours are still answered.</summary>
    private async Task<DnsMessage> AskAsync(DnsMessage query, CancellationToken stopping)
    {
        if (!await _asking.WaitAsync(TimeSpan.Zero, stopping)) return DnsAnswers.Refused(query, ReturnCode.ServerFailure);
        try
        {
            return await upstream.AskAsync(query, stopping);
        }
        finally
        {
            _asking.Release();
        }
    }

    public override void Dispose()
    {
        _asking.Dispose();
        base.Dispose();
    }
}
