using Orchestrator.Agents.V1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Tests.Cluster;
using Orchestrator.Silo.Tests.Rest;

namespace Orchestrator.Silo.Tests.Networking;

/// <summary>What the real silo tells agents of the network, and Debian's kubectl shows of it.</summary>
public sealed class NetworkSessionTests(RestSilo silo) : IClassFixture<RestSilo>, IDisposable
{
    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact(Timeout = 120_000)]
    public async Task Each_host_gets_a_range_and_hears_of_the_others_as_they_come_and_go()
    {
        var kubectl = new Kubectl(silo.Process.Http, "default", _home.Path);
        using var first = await TestAgent.Connect(silo.Process, "host-1", FactsOf("10.87.0.1"));
        var whole = await NextAsync(first);
        Assert.True(whole is { Reset: true, More: false, Peers.Count: 0 });
        Assert.Equal("10.244.0.0/24 [\"10.244.0.0/24\"]", await kubectl.Run("get", "node", "host-1", "-o", "jsonpath={.spec.podCIDR} {.spec.podCIDRs}"));
        Assert.Equal(("10.244.0.0/24", "10.244.0.0/16", "vxlan"), (whole.Own.PodCidr, whole.Own.ClusterCidr, whole.Own.Backend));

        // One that has pods already, in a range of its own; and one that claims what another has.
        using var second = await TestAgent.Connect(silo.Process, "host-2", FactsOf("10.87.0.2", "10.88.2.0/24"));
        using var third = await TestAgent.Connect(silo.Process, "host-3", FactsOf("10.87.0.3", "10.244.0.0/24"));
        var (own, other) = (await NextAsync(second), await PeerAsync(first, "host-2"));
        Assert.Equal(("10.87.0.2", "10.88.2.0/24", own.Own.TunnelMac), (other.Address, other.PodCidr, other.TunnelMac));
        Assert.Equal("10.244.1.0/24", (await PeerAsync(first, "host-3")).PodCidr);
        const string Condition = "jsonpath={.status.conditions[?(@.type==\"NetworkUnavailable\")].reason} {.spec.taints[*].key}";
        Assert.Equal("RangeGiven", (await kubectl.Run("get", "node", "host-2", "-o", Condition)).Trim());
        Assert.Equal("RangeDiffers node.kubernetes.io/network-unavailable", await kubectl.Run("get", "node", "host-3", "-o", Condition));
        await third.Say(new AgentMessage { Facts = FactsOf("10.87.0.33", "10.244.1.0/24") });
        Assert.Equal("10.87.0.33", (await PeerAsync(first, "host-3")).Address);
        Assert.Equal("RangeGiven", (await kubectl.Run("get", "node", "host-3", "-o", Condition)).Trim());

        Assert.Contains("spec.podCIDR: Forbidden", await kubectl.Fail(null, "patch", "node", "host-1", "-p", "{\"spec\":{\"podCIDR\":\"10.244.7.0/24\",\"podCIDRs\":[\"10.244.7.0/24\"]}}", "--type=merge"));
        second.Dispose();
        await kubectl.Run("delete", "node", "host-2");
        NetworkUpdate update;
        do update = await NextAsync(first);
        while (update.RemovedPeers.Count == 0);
        Assert.Equal(["host-2"], update.RemovedPeers);
    }

    internal static async Task<NetworkUpdate> NextAsync(TestAgent agent) => (await agent.Next(SiloMessage.MessageOneofCase.Network)).Network;

    private static async Task<PeerHost> PeerAsync(TestAgent agent, string name)
    {
        while (true)
        {
            if ((await NextAsync(agent)).Peers.FirstOrDefault(peer => peer.Name == name) is { } found) return found;
        }
    }

    internal static HostFacts FactsOf(string address, string range = "")
    {
        var facts = TestAgent.Facts();
        facts.Status.Addresses.Add(new NodeAddress { Type = "InternalIP", Address = address });
        facts.Status.RuntimeClasses.Add(new NodeRuntimeClass { Name = "paravirtual", Available = true });
        facts.Network = new NetworkFacts { PodCidr = range };
        return facts;
    }
}
