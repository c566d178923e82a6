using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Networking.Cluster;
using Orchestrator.NodeAgent.Networking.Overlay;
using Orchestrator.NodeAgent.Networking.Services;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;
using Orchestrator.Objects.MetaV1;
using EndpointPort = Orchestrator.Objects.DiscoveryV1.EndpointPort;

namespace Orchestrator.NodeAgent.Tests.Networking;

/// <summary>Services by the kernel's own nftables, between pods of two hosts that are namespaces of the test's.</summary>
public sealed class ServiceTableTests : IAsyncLifetime
{
    private const string Vip = "10.96.1.1";
    private TestHosts _hosts = null!;
    private ServicePods _pods = null!;
    private readonly Dictionary<int, ServiceTable> _tables = [];

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hosts = await TestHosts.StartAsync(2);
        _pods = new ServicePods(_hosts);
        foreach (var number in (int[])[2, 3]) await _pods.AddAsync(1, number);
        await _pods.AddAsync(2, 2);
        foreach (var host in (int[])[1, 2])
        {
            var overlay = new HostOverlay(_hosts.Tools(host), $"10.87.0.{host}", NullLogger<HostOverlay>.Instance);
            var link = await overlay.FindLinkAsync(Own(host), Limit);
            await overlay.ApplyAsync(Own(host), [Peer(3 - host)], link, Limit);
            _tables[host] = NewTable(host);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _pods.DisposeAsync();
        await _hosts.DisposeAsync();
    }

    [Fact(Timeout = 120_000)]
    public async Task A_service_is_reached_from_pods_hosts_and_outside_wherever_its_endpoints_are()
    {
        await ApplyAsync(Service("web", new ServiceSpec { Type = "NodePort", ExternalIps = { "10.87.0.200" } }, nodePort: 30080), Slice("web", "1.2", "1.3", "2.2"));
        // From a pod that is an endpoint itself, from one on the other host, from both hosts.
        await _pods.AllAnswerAsync("p12", Vip, "p12", "p13", "p22");
        await _pods.AllAnswerAsync("p22", Vip, "p12", "p13", "p22");
        await _pods.AllAnswerAsync("h1", Vip, "p12", "p13", "p22");
        // By the port of either host, from outside, from a host, from a pod; and by an address that leads to a host.
        await _pods.AllAnswerAsync("seg", "10.87.0.2:30080", "p12", "p13", "p22");
        await _pods.AllAnswerAsync("h2", "10.87.0.1:30080", "p12", "p13", "p22");
        await _pods.AllAnswerAsync("p13", "10.87.0.1:30080", "p12", "p13", "p22");
        await _hosts.RunAsync("seg", "ip", "route", "add", "10.87.0.200", "via", "10.87.0.1");
        await _pods.AllAnswerAsync("seg", "10.87.0.200", "p12", "p13", "p22");

        // Who asks is seen as who he is; only one who reaches himself, or comes from outside, is the host.
        await ApplyAsync(Service("web", new ServiceSpec { Type = "NodePort" }, nodePort: 30080), Slice("web", "1.3"));
        Assert.Equal("p13 10.88.1.2", await _pods.AskAsync("p12", Vip));
        Assert.Equal("p13 10.88.2.2", await _pods.AskAsync("p22", Vip));
        Assert.Equal("p13 10.88.1.1", await _pods.AskAsync("p13", Vip));
        Assert.Equal("p13 10.88.1.1", await _pods.AskAsync("seg", "10.87.0.1:30080"));

        // What leaves the cluster comes from the host; from pod to pod nothing is hidden.
        await _pods.ServeAsync("seg");
        Assert.Equal("seg 10.87.0.1", await _pods.AskAsync("p12", "10.87.0.254:8080"));
        Assert.Equal("p22 10.88.1.2", await _pods.AskAsync("p12", "10.88.2.2:8080"));

        // Another change: the address is another service's now.
        await ApplyAsync(Service("other", new ServiceSpec()), Slice("other", "2.2"));
        Assert.Equal("p22", await _pods.AnswersAsync("p12", Vip, questions: 4));
        Assert.Null(await _pods.AskAsync("seg", "10.87.0.1:30080"));
        Assert.DoesNotContain("web", await _hosts.RunAsync("h1", "nft", "list", "table", "ip", "orchestrator"));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_service_with_nothing_behind_it_refuses_at_once()
    {
        await ApplyAsync(Service("web", new ServiceSpec { Type = "NodePort" }, nodePort: 30080), Slice("web"));
        foreach (var from in (string[])["p12", "h1"])
            Assert.Contains("refused", (await _hosts.TryAsync(from, "timeout", "5", "busybox", "wget", "-O", "-", $"http://{Vip}/")).Error);
        Assert.Contains("refused", (await _hosts.TryAsync("seg", "timeout", "5", "busybox", "wget", "-O", "-", "http://10.87.0.1:30080/")).Error);
        // An address of the range that is no service's, too.
        Assert.Contains("refused", (await _hosts.TryAsync("p12", "timeout", "5", "busybox", "wget", "-O", "-", "http://10.96.7.7/")).Error);
        // What is no address is nobody, and nothing else is done with it.
        var hostile = Slice("web", "1.3");
        hostile.Endpoints[0].Addresses[0] = "10.88.1.3:80\nflush ruleset\n";
        await ApplyAsync(Service("web", new ServiceSpec { ExternalIps = { "10.87.0.200 . tcp . 80 : accept } ; flush ruleset" } }), hostile);
        Assert.Contains("refused", (await _hosts.TryAsync("p12", "timeout", "5", "busybox", "wget", "-O", "-", $"http://{Vip}/")).Error);
        // Those that end serve on while there is nobody else.
        var slice = Slice("web", "1.3", "2.2");
        slice.Endpoints[0].Conditions = new EndpointConditions { Ready = false, Serving = true, Terminating = true };
        slice.Endpoints[1].Conditions = new EndpointConditions { Ready = false, Serving = false };
        await ApplyAsync(Service("web", new ServiceSpec { Type = "NodePort" }, nodePort: 30080), slice);
        Assert.Equal("p13", await _pods.AnswersAsync("h2", Vip, questions: 3));
    }

    [Fact(Timeout = 120_000)]
    public async Task Local_policies_keep_to_the_host_and_show_who_asks()
    {
        var spec = new ServiceSpec { Type = "NodePort", ExternalTrafficPolicy = "Local", InternalTrafficPolicy = "Local" };
        await ApplyAsync(Service("web", spec, nodePort: 30080), Slice("web", "1.3"));
        Assert.Equal("p13 10.87.0.254", await _pods.AskAsync("seg", "10.87.0.1:30080"));
        Assert.Null(await _pods.AskAsync("seg", "10.87.0.2:30080"));
        Assert.Equal("p13 10.88.1.2", await _pods.AskAsync("p12", Vip));
        Assert.Null(await _pods.AskAsync("p22", Vip));
        // Those inside are not outsiders: by a host's port they get there from everywhere.
        Assert.NotNull(await _pods.AskAsync("p22", "10.87.0.2:30080"));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_client_stays_with_its_endpoint_whatever_happens_to_the_others_and_to_the_agent()
    {
        var spec = new ServiceSpec { SessionAffinity = "ClientIP", SessionAffinityConfig = new SessionAffinityConfig { ClientIp = new ClientIPConfig { TimeoutSeconds = 600 } } };
        await ApplyAsync(Service("web", spec), Slice("web", "1.2", "1.3", "2.2"));
        var chosen = await _pods.AnswersAsync("h2", Vip, questions: 8);
        Assert.Single(chosen.Split(' '));
        // Its successor finds the table; somebody else's table stays as well, and what nobody wants any more goes.
        await _hosts.RunAsync("h2", "nft", "add table ip other; add chain ip orchestrator cluster/stale/x/tcp/1");
        _tables[2] = NewTable(2);
        await ApplyAsync(Service("web", spec), Slice("web", "1.2", "1.3", "2.2"));
        Assert.Equal(chosen, await _pods.AnswersAsync("h2", Vip, questions: 8));
        Assert.DoesNotContain("stale", await _hosts.RunAsync("h2", "nft", "list ruleset"));
        Assert.Contains("table ip other", await _hosts.RunAsync("h2", "nft", "list ruleset"));
        // Without the others it is the same, and without the one it is another.
        await ApplyAsync(Service("web", spec), Slice("web", $"{chosen[1]}.{chosen[2]}"));
        Assert.Equal(chosen, await _pods.AnswersAsync("h2", Vip, questions: 3));
        await ApplyAsync(Service("web", spec), Slice("web", chosen == "p13" ? "1.2" : "1.3"));
        Assert.Equal(chosen == "p13" ? "p12" : "p13", await _pods.AnswersAsync("h2", Vip, questions: 3));
    }

    [Fact(Timeout = 120_000)]
    public async Task Two_thousand_services_are_one_transaction_and_a_flushed_table_comes_back()
    {
        Service[] services = [.. Enumerable.Range(0, 2000).Select(number =>
        {
            var service = Service($"s{number}", new ServiceSpec());
            service.Spec.ClusterIp = $"10.96.{10 + (number / 200)}.{1 + (number % 200)}";
            return service;
        })];
        EndpointSlice[] slices = [.. services.Select(service => Slice(service.Metadata.Name, "1.2", "2.2"))];
        await ApplyAsync(services, slices);
        await _pods.AllAnswerAsync("p13", services[1999].Spec.ClusterIp, "p12", "p22");
        // One changes: nothing is said of the others, which a counter in one of their chains shows.
        await _hosts.RunAsync("h1", "nft", "add rule ip orchestrator cluster/ns/s1/tcp/80 counter");
        slices[7] = Slice("s7", "1.3");
        await ApplyAsync(services, slices);
        Assert.Equal("p13", await _pods.AnswersAsync("p12", services[7].Spec.ClusterIp, questions: 2));
        Assert.Contains("counter", await _hosts.RunAsync("h1", "nft", "list", "chain", "ip", "orchestrator", "cluster/ns/s1/tcp/80"));

        await _hosts.RunAsync("h1", "nft", "flush ruleset");
        await _tables[1].CheckAsync(Limit);
        await ApplyAsync(services, slices);
        await _pods.AllAnswerAsync("p13", services[1000].Spec.ClusterIp, "p12", "p22");
    }

    private Task ApplyAsync(Service service, EndpointSlice slice) => ApplyAsync([service], [slice]);

    private async Task ApplyAsync(Service[] services, EndpointSlice[] slices)
    {
        var update = new NetworkUpdate { Services = { services }, Slices = { slices } };
        foreach (var (host, table) in _tables) await table.ApplyAsync(Own(host), NetworkState.Empty.With(update), Limit);
    }

    private ServiceTable NewTable(int host) => new(_hosts.Tools(host), $"host-{host}", NullLogger<ServiceTable>.Instance);

    private static Service Service(string name, ServiceSpec spec, int nodePort = 0)
    {
        if (spec.Type.Length == 0) spec.Type = "ClusterIP";
        spec.ClusterIp = Vip;
        spec.Ports.Add(new ServicePort { Port = 80, Protocol = "TCP", NodePort = nodePort });
        return new Service { Metadata = new ObjectMeta { Namespace = "ns", Name = name }, Spec = spec };
    }

    /// <param name="service">The one that it is of.</param>
    /// <param name="endpoints">HOST.NUMBER each.</param>
    private static EndpointSlice Slice(string service, params string[] endpoints)
    {
        var slice = new EndpointSlice { Metadata = new ObjectMeta { Namespace = "ns", Name = $"{service}-x" }, AddressType = "IPv4", Ports = { new EndpointPort { Port = 8080, Protocol = "TCP" } } };
        slice.Metadata.Labels["kubernetes.io/service-name"] = service;
        slice.Endpoints.Add(endpoints.Select(endpoint => new Endpoint { Addresses = { $"10.88.{endpoint}" }, NodeName = $"host-{endpoint[0]}", Conditions = new EndpointConditions { Ready = true } }));
        return slice;
    }

    private static HostNetwork Own(int host) => new()
    {
        PodCidr = $"10.88.{host}.0/24",
        ClusterCidr = "10.88.0.0/16",
        ServiceCidr = "10.96.0.0/16",
        Backend = "vxlan",
        TunnelMac = $"02:00:00:00:00:0{host}",
        Masquerade = true,
    };

    private static PeerHost Peer(int host) => new() { Name = $"host-{host}", Address = $"10.87.0.{host}", PodCidr = $"10.88.{host}.0/24", TunnelMac = $"02:00:00:00:00:0{host}" };
}
