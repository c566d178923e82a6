using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Networking.Overlay;

namespace Orchestrator.NodeAgent.Tests.Networking;

/// <summary>Pods of two real hosts (namespaces with the kernel's bridge, VXLAN and routes) that the overlay joins.</summary>
public sealed class OverlayTests
{
    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Theory(Timeout = 60_000)]
    [InlineData("vxlan", 1450)]
    [InlineData("routes", 1500)]
    public async Task Pods_of_different_hosts_reach_each_other_until_a_host_goes(string backend, int mtu)
    {
        await using var hosts = await TestHosts.StartAsync(2);
        var (first, second) = (await hosts.AddPodAsync(1, 2, mtu), await hosts.AddPodAsync(2, 2, mtu));
        Assert.Equal(mtu, await ApplyAsync(hosts, 1, backend, 2));
        Assert.Equal(mtu, await ApplyAsync(hosts, 2, backend, 1));

        // The longest packet there is, which nobody may cut up.
        await PingAsync(hosts, first, "10.88.2.2", mtu);
        await PingAsync(hosts, second, "10.88.1.2", mtu);
        await PingAsync(hosts, "h1", "10.88.2.2", mtu);

        // An agent that comes again (or another one) finds everything as it shall be, and touches nothing.
        using var watching = hosts.Start("h1", "ip", "monitor", "route");
        var heard = watching.StandardOutput.ReadLineAsync(Limit).AsTask();
        while (!heard.IsCompleted) await hosts.RunAsync("h1", "sh", "-c", "ip route replace 10.98.0.0/24 dev eth0; ip route delete 10.98.0.0/24");
        await ApplyAsync(hosts, 1, backend, 2);
        await hosts.RunAsync("h1", "ip", "route", "add", "10.99.0.0/24", "dev", "eth0");
        for (var line = await heard; !line!.Contains("10.99.0.0/24"); line = await watching.StandardOutput.ReadLineAsync(Limit)) Assert.Contains("10.98.0.0/24", line);
        watching.Kill();

        // What others have set isn't ours; the other host's entries go with it.
        await ApplyAsync(hosts, 1, backend);
        var left = await hosts.RunAsync("h1", "ip", "route", "show") + await hosts.RunAsync("h1", "ip", "neigh", "show", "nud", "permanent") + await hosts.RunAsync("h1", "bridge", "fdb", "show");
        Assert.Contains("10.99.0.0/24", left);
        Assert.DoesNotContain("10.88.2.0", left);
        Assert.DoesNotContain("10.87.0.2 self", left);
        Assert.NotEqual(0, (await hosts.TryAsync(first, "busybox", "ping", "-c", "1", "-W", "1", "10.88.2.2")).Status);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_host_that_moves_is_followed_and_a_bad_one_keeps_nobody_out()
    {
        await using var hosts = await TestHosts.StartAsync(2);
        await hosts.AddPodAsync(2, 2);
        await ApplyAsync(hosts, 2, "vxlan", 1);
        var overlay = Overlay(hosts, 1);
        var link = await overlay.FindLinkAsync(Own(1, "vxlan"), Limit);
        // First it is said to be where nobody is; and one is told of whose addresses make no sense.
        var (lost, broken) = (Peer(2), Peer(9));
        (lost.Address, broken.PodCidr) = ("10.87.0.77", "nonsense");
        await overlay.ApplyAsync(Own(1, "vxlan"), [broken, lost], link, Limit);
        await overlay.ApplyAsync(Own(1, "vxlan"), [broken, Peer(2)], link, Limit);
        await PingAsync(hosts, "h1", "10.88.2.2", 1450);
        // A tunnel that somebody has made otherwise is made anew, with all that belongs to it.
        await hosts.RunAsync("h1", "ip", "link", "delete", TunnelDevice.Name);
        await hosts.RunAsync("h1", "ip", "link", "add", TunnelDevice.Name, "type", "vxlan", "id", "5", "dstport", "4000", "dev", "eth0");
        await overlay.ApplyAsync(Own(1, "vxlan"), [Peer(2)], link, Limit);
        await PingAsync(hosts, "h1", "10.88.2.2", 1450);
        // Another backend takes the tunnel away.
        await ApplyAsync(hosts, 1, "routes", 2);
        Assert.NotEqual(0, (await hosts.TryAsync("h1", "ip", "link", "show", TunnelDevice.Name)).Status);
    }

    private static HostOverlay Overlay(TestHosts hosts, int host) => new(hosts.Tools(host), $"10.87.0.{host}", NullLogger<HostOverlay>.Instance);

    private static async Task<int> ApplyAsync(TestHosts hosts, int host, string backend, params int[] peers)
    {
        var overlay = Overlay(hosts, host);
        var link = await overlay.FindLinkAsync(Own(host, backend), Limit);
        await overlay.ApplyAsync(Own(host, backend), peers.Select(Peer), link, Limit);
        return link.PodMtu;
    }

    private static Task<string> PingAsync(TestHosts hosts, string from, string address, int mtu) =>
        hosts.RunAsync(from, "busybox", "ping", "-c", "1", "-W", "5", "-s", $"{mtu - 28}", address);

    private static HostNetwork Own(int host, string backend) => new() { PodCidr = $"10.88.{host}.0/24", ClusterCidr = "10.88.0.0/16", Backend = backend, TunnelMac = $"02:00:00:00:00:0{host}" };

    private static PeerHost Peer(int host) => new() { Name = $"host-{host}", Address = $"10.87.0.{host}", PodCidr = $"10.88.{host}.0/24", TunnelMac = $"02:00:00:00:00:0{host}" };
}
