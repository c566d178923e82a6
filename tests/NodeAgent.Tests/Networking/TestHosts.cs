using Orchestrator.Conformance.Containerd;
using Orchestrator.NodeAgent.Networking;

namespace Orchestrator.NodeAgent.Tests.Networking;

/// <summary>Hosts that are network namespaces on one segment, each with a bridge and pods; they go with the test.</summary>
internal sealed class TestHosts : IAsyncDisposable
{
    private static int _made;

    private readonly string _name = $"onh{Environment.ProcessId:x}{Interlocked.Increment(ref _made)}";
    private readonly List<string> _namespaces = [];

    /// <summary>The segment has host K at 10.87.0.K, and somebody who is no host at 10.87.0.254.</summary>
    public static async Task<TestHosts> StartAsync(int hosts)
    {
        var made = new TestHosts();
        await made.AddNamespaceAsync("seg");
        await made.RunAsync("seg", "ip", "link", "add", "seg", "type", "bridge");
        await made.RunAsync("seg", "ip", "address", "add", "10.87.0.254/24", "dev", "seg");
        await made.RunAsync("seg", "ip", "link", "set", "seg", "up");
        for (var number = 1; number <= hosts; number++)
        {
            await made.AddNamespaceAsync($"h{number}");
            await made.RunAsync("seg", "ip", "link", "add", $"h{number}", "type", "veth", "peer", "name", "eth0", "netns", made.Full($"h{number}"));
            await made.RunAsync("seg", "ip", "link", "set", $"h{number}", "master", "seg", "up");
            await made.RunAsync($"h{number}", "ip", "address", "add", $"10.87.0.{number}/24", "dev", "eth0");
            await made.RunAsync($"h{number}", "ip", "link", "set", "eth0", "up");
        }

        return made;
    }

    public HostTools Tools(int host) => new("nsenter", $"--net=/run/netns/{Full($"h{host}")}");

    /// <summary>A pod as CNI would make it: 10.88.HOST.NUMBER on pods0, with pages that say its name.</summary>
    public async Task<string> AddPodAsync(int host, int number, int mtu = 1450)
    {
        var (pod, home) = ($"p{host}{number}", $"h{host}");
        await AddNamespaceAsync(pod);
        await TryAsync(home, "ip", "link", "add", "pods0", "type", "bridge");
        await RunAsync(home, "ip", "address", "replace", $"10.88.{host}.1/24", "dev", "pods0");
        await RunAsync(home, "ip", "link", "set", "pods0", "up");
        await RunAsync(home, "ip", "link", "add", pod, "mtu", $"{mtu}", "type", "veth", "peer", "name", "eth0", "mtu", $"{mtu}", "netns", Full(pod));
        await RunAsync(home, "ip", "link", "set", pod, "master", "pods0", "up");
        await RunAsync(home, "ip", "link", "set", "dev", pod, "type", "bridge_slave", "hairpin", "on");
        await RunAsync(pod, "ip", "address", "add", $"10.88.{host}.{number}/24", "dev", "eth0");
        await RunAsync(pod, "ip", "link", "set", "eth0", "up");
        await RunAsync(pod, "ip", "route", "add", "default", "via", $"10.88.{host}.1");
        return pod;
    }

    public async Task<string> RunAsync(string place, params string[] command)
    {
        var (status, output, error) = await TryAsync(place, command);
        Assert.True(status == 0, $"{place}: {string.Join(' ', command)}: {error}{output}");
        return output;
    }

    public Task<(int Status, string Output, string Error)> TryAsync(string place, params string[] command) =>
        HostCommand.TryAsync("nsenter", [$"--net=/run/netns/{Full(place)}", .. command]);

    public System.Diagnostics.Process Start(string place, params string[] command) => HostCommand.Start("nsenter", [$"--net=/run/netns/{Full(place)}", .. command]);

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _namespaces) await HostCommand.TryAsync("ip", "netns", "delete", name);
    }

    private async Task AddNamespaceAsync(string place)
    {
        await HostCommand.RunAsync("ip", "netns", "add", Full(place));
        _namespaces.Add(Full(place));
        // Else the kernel gives each card an address of its own and a route to it, a second or two after it came up.
        await RunAsync(place, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
        await RunAsync(place, "ip", "link", "set", "lo", "up");
    }

    private string Full(string place) => _name + place;
}
