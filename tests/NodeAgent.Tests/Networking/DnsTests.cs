using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Networking;
using Orchestrator.NodeAgent.Networking.Cluster;
using Orchestrator.NodeAgent.Networking.Dns;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;
using Orchestrator.Objects.MetaV1;
using EndpointPort = Orchestrator.Objects.DiscoveryV1.EndpointPort;

namespace Orchestrator.NodeAgent.Tests.Networking;

/// <summary>The cluster's DNS server as its clients see it, on loopback, with another server behind it.</summary>
public sealed class DnsTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oct-dns").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly ClusterNetwork _network = new();
    private readonly int _port = FreePort();
    private readonly int _upstreamPort = FreePort();
    private DnsServer _upstream = null!;
    private DnsService _service = null!;
    private Task _serving = null!;

    public ValueTask InitializeAsync()
    {
        _upstream = new DnsServer(new UdpServerTransport(new IPEndPoint(IPAddress.Loopback, _upstreamPort)), new TcpServerTransport(new IPEndPoint(IPAddress.Loopback, _upstreamPort)));
        _upstream.QueryReceived += (_, asked) =>
        {
            var answer = ((DnsMessage)asked.Query).CreateResponseInstance();
            answer.AnswerRecords.Add(new ARecord(((DnsMessage)asked.Query).Questions[0].Name, 60, IPAddress.Parse("192.0.2.7")));
            asked.Response = answer;
            return Task.CompletedTask;
        };
        _upstream.Start();
        File.WriteAllText(Path.Join(_folder, "resolv.conf"), "nameserver 10.96.0.10\nnameserver 127.0.0.1\nsearch example.com\noptions rotate\n");
        _network.Apply(State());
        _network.Welcome(new Welcome { DnsAddress = "10.96.0.10", ClusterDomain = "cluster.local" });
        _service = new DnsService(_network, new HostTools(), new HostResolver(_network, Path.Join(_folder, "resolv.conf"), _upstreamPort), TimeProvider.System, NullLogger<DnsService>.Instance);
        _serving = _service.ServeAsync(new IPEndPoint(IPAddress.Loopback, _port), new DnsAnswers("cluster.local"), _stop.Token);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        DnsService.Stop(_upstream);
        _service.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("web.ns.svc.cluster.local", RecordType.A, "10.96.1.1")]
    [InlineData("WEB.ns.svc.Cluster.local", RecordType.A, "10.96.1.1")]
    [InlineData("web.ns.svc.cluster.local", RecordType.Aaaa, "NoError")]                    // the name is there, such an address isn't
    [InlineData("_http._tcp.web.ns.svc.cluster.local", RecordType.Srv, "80 web.ns.svc.cluster.local.")]
    [InlineData("_http._tcp.web.ns.svc.cluster.local", RecordType.A, "NoError")]
    [InlineData("_http._udp.web.ns.svc.cluster.local", RecordType.Srv, "NxDomain")]
    [InlineData("peers.ns.svc.cluster.local", RecordType.A, "10.88.1.2 10.88.2.2")]         // headless: those that are ready
    [InlineData("zero.peers.ns.svc.cluster.local", RecordType.A, "10.88.1.2")]
    [InlineData("10-88-2-2.peers.ns.svc.cluster.local", RecordType.A, "10.88.2.2")]
    [InlineData("_db._tcp.peers.ns.svc.cluster.local", RecordType.Srv, "5432 10-88-2-2.peers.ns.svc.cluster.local. 5432 zero.peers.ns.svc.cluster.local.")]
    [InlineData("outside.ns.svc.cluster.local", RecordType.A, "www.example.com.")]
    [InlineData("10-88-1-7.ns.pod.cluster.local", RecordType.A, "10.88.1.7")]
    [InlineData("10-88-1.ns.pod.cluster.local", RecordType.A, "NxDomain")]
    [InlineData("ns.svc.cluster.local", RecordType.A, "NoError")]
    [InlineData("cluster.local", RecordType.A, "NoError")]
    [InlineData("none.ns.svc.cluster.local", RecordType.A, "NxDomain")]
    [InlineData("1.1.96.10.in-addr.arpa", RecordType.Ptr, "web.ns.svc.cluster.local.")]
    [InlineData("2.1.88.10.in-addr.arpa", RecordType.Ptr, "zero.peers.ns.svc.cluster.local.")]
    [InlineData("www.example.com", RecordType.A, "192.0.2.7")]                              // somebody else's
    public async Task Names_are_answered_as_kubernetes_says(string name, RecordType type, string expected) => Assert.Equal(expected, await AskAsync(name, type));

    [Fact(Timeout = 60_000)]
    public async Task Answers_follow_what_there_is_and_large_ones_come_whole()
    {
        Assert.Equal("NxDomain", await AskAsync("later.ns.svc.cluster.local", RecordType.A));
        var many = new EndpointSlice { Metadata = new ObjectMeta { Namespace = "ns", Name = "later-x" }, AddressType = "IPv4" };
        many.Metadata.Labels["kubernetes.io/service-name"] = "later";
        many.Endpoints.Add(Enumerable.Range(1, 200).Select(number => new Endpoint { Addresses = { $"10.88.3.{number}" } }));
        _network.Apply(new NetworkUpdate { Services = { Service("later", new ServiceSpec { ClusterIp = "None" }) }, Slices = { many } });
        Assert.Equal(200, (await AskAsync("later.ns.svc.cluster.local", RecordType.A)).Split(' ').Length);
        _network.Apply(new NetworkUpdate { RemovedServices = { "ns/later" } });
        Assert.Equal("NxDomain", await AskAsync("later.ns.svc.cluster.local", RecordType.A));
    }

    [Theory]
    [InlineData("", false, "10.96.0.10 | ns.svc.cluster.local svc.cluster.local cluster.local example.com | ndots:5")]
    [InlineData("ClusterFirst", true, "the host's")]
    [InlineData("ClusterFirstWithHostNet", true, "10.96.0.10 | ns.svc.cluster.local svc.cluster.local cluster.local example.com | ndots:5")]
    [InlineData("Default", false, "the host's")]
    [InlineData("None+", false, "192.0.2.9 | own.test | ndots:2 edns0")]
    [InlineData("Default+", false, "10.96.0.10 127.0.0.1 192.0.2.9 | example.com own.test | rotate ndots:2 edns0")]
    [InlineData("ClusterFirst+", false, "10.96.0.10 192.0.2.9 | ns.svc.cluster.local svc.cluster.local cluster.local example.com own.test | ndots:2 edns0")]
    public void A_pods_resolver_is_what_its_policy_and_its_configuration_say(string policy, bool hostNetwork, string expected)
    {
        var spec = new PodSpec { DnsPolicy = policy.TrimEnd('+'), HostNetwork = hostNetwork };
        if (policy.EndsWith('+'))
        {
            spec.DnsConfig = new PodDNSConfig
            {
                Nameservers = { "192.0.2.9" },
                Searches = { "own.test" },
                Options = { new PodDNSConfigOption { Name = "ndots", Value = "2" }, new PodDNSConfigOption { Name = "edns0" } },
            };
        }

        var config = new PodResolver(_network, Path.Join(_folder, "resolv.conf")).Of("ns", spec);
        Assert.Equal(expected, config is null ? "the host's" : $"{string.Join(' ', config.Servers)} | {string.Join(' ', config.Searches)} | {string.Join(' ', config.Options)}");
    }

    /// <summary>The records' data in order, or the code where there is none.</summary>
    private async Task<string> AskAsync(string name, RecordType type)
    {
        using var udp = new UdpClientTransport(_port);
        using var tcp = new TcpClientTransport(_port);
        var client = new DnsClient([IPAddress.Loopback], [udp, tcp], false, 5000);
        var query = new DnsMessage { IsRecursionDesired = true };
        query.Questions.Add(new DnsQuestion(DomainName.Parse(name), type, RecordClass.INet));
        var answer = await client.SendMessageAsync(query, TestContext.Current.CancellationToken);
        Assert.NotNull(answer);
        var data = answer.AnswerRecords.Select(record => record switch
        {
            ARecord address => address.Address.ToString(),
            SrvRecord offer => $"{offer.Port} {offer.Target}",
            CNameRecord alias => alias.CanonicalName.ToString(),
            PtrRecord pointer => pointer.PointerDomainName.ToString(),
            _ => record.ToString(),
        }).Order(StringComparer.Ordinal).ToArray();
        return data.Length > 0 ? string.Join(' ', data) : answer.ReturnCode.ToString();
    }

    private static NetworkUpdate State()
    {
        var slice = new EndpointSlice { Metadata = new ObjectMeta { Namespace = "ns", Name = "peers-x" }, AddressType = "IPv4", Ports = { new EndpointPort { Name = "db", Port = 5432, Protocol = "TCP" } } };
        slice.Metadata.Labels["kubernetes.io/service-name"] = "peers";
        slice.Endpoints.Add(new Endpoint { Addresses = { "10.88.1.2" }, Hostname = "zero" });
        slice.Endpoints.Add(new Endpoint { Addresses = { "10.88.2.2" } });
        slice.Endpoints.Add(new Endpoint { Addresses = { "10.88.2.3" }, Conditions = new EndpointConditions { Ready = false } });
        return new NetworkUpdate
        {
            Reset = true,
            Services =
            {
                Service("web", new ServiceSpec { ClusterIp = "10.96.1.1", Ports = { new ServicePort { Name = "http", Port = 80, Protocol = "TCP" } } }),
                Service("peers", new ServiceSpec { ClusterIp = "None", Ports = { new ServicePort { Name = "db", Port = 5432, Protocol = "TCP" } } }),
                Service("outside", new ServiceSpec { Type = "ExternalName", ExternalName = "www.example.com" }),
            },
            Slices = { slice },
        };
    }

    private static Service Service(string name, ServiceSpec spec) => new() { Metadata = new ObjectMeta { Namespace = "ns", Name = name }, Spec = spec };

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
