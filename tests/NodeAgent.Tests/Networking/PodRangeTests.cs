using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.NodeAgent.Networking.Cluster;
using Orchestrator.NodeAgent.Options;

namespace Orchestrator.NodeAgent.Tests.Networking;

/// <summary>Where a host's pods get addresses from, by the configuration that containerd and the address pool read.</summary>
public sealed class PodRangeTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("oct-range").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact(Timeout = 60_000)]
    public async Task A_range_is_taken_and_another_one_when_nobody_is_left_in_it()
    {
        await using var hosts = await TestHosts.StartAsync(1);
        var range = Range(hosts);
        Assert.Equal("", range.Present());
        await range.TakeAsync("10.88.1.0/24", 1450, default);
        Assert.Equal("10.88.1.0/24", range.Present());
        Assert.Contains("\"mtu\": 1450", File.ReadAllText(Directory.GetFiles(Path.Join(_data, "cni")).Single()));

        await hosts.AddPodAsync(1, 2);
        var held = Path.Join(_data, "ipam", "pods", "10.88.1.2");
        Directory.CreateDirectory(Path.GetDirectoryName(held)!);
        File.WriteAllText(held, "pod");
        await range.TakeAsync("10.88.7.0/24", 1450, default);
        Assert.Equal("10.88.1.0/24", Range(hosts).Present());
        await hosts.RunAsync("h1", "ip", "link", "show", "pods0");

        File.Delete(held);
        await range.TakeAsync("10.88.7.0/24", 1450, default);
        Assert.Equal("10.88.7.0/24", range.Present());
        // The bridge had the old range's gateway.
        Assert.NotEqual(0, (await hosts.TryAsync("h1", "ip", "link", "show", "pods0")).Status);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_network_that_somebody_else_has_configured_stays()
    {
        TestPool.Write(_data, "10.252.0.9/24");
        var before = File.ReadAllText(Path.Join(_data, "cni", "10-pods.conflist"));
        await using var hosts = await TestHosts.StartAsync(1);
        await Range(hosts).TakeAsync("10.88.1.0/24", 1450, default);
        Assert.Equal("10.252.0.0/24", Range(hosts).Present());
        Assert.Equal(before, File.ReadAllText(Directory.GetFiles(Path.Join(_data, "cni")).Single()));
    }

    private PodRange Range(TestHosts hosts) => new(new AgentOptions { Data = _data, CniConf = Path.Join(_data, "cni") }, hosts.Tools(1), NullLogger<PodRange>.Instance);
}
