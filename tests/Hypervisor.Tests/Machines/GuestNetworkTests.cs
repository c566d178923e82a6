using System.Security.Cryptography;
using Orchestrator.Dom0.V1;

namespace Orchestrator.Hypervisor.Tests.Machines;

/// <summary>Real guests of both engines on one network: with each other, with their host, and over dom0's death.</summary>
public sealed class GuestNetworkTests : IAsyncLifetime
{
    private const string Bridge = "pods0";
    private const string Host = "10.9.0.1";
    private const string Paravirtual = "10.9.0.2";
    private const string Emulated = "10.9.0.3";
    private static readonly string Digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes("/bin/busybox")));

    private readonly TestNetwork _network = new(Bridge, $"{Host}/24");
    private readonly Dom0Process _dom0;
    private string _image = "";

    public GuestNetworkTests()
    {
        _dom0 = new Dom0Process(_network);
    }

    public async ValueTask InitializeAsync()
    {
        await _dom0.StartAsync();
        _image = await _dom0.ImportBusyboxAsync("sh");
    }

    public async ValueTask DisposeAsync()
    {
        await _dom0.DisposeAsync();
        _network.Dispose();
    }

    /// <summary>Ping and files, checked, each way; a guest that takes another's address is not heard; nothing is left of it all.</summary>
    [Fact]
    public async Task GuestsAndTheirHostReachEachOtherAlsoWhileDom0IsKilled()
    {
        await Task.WhenAll(
            _dom0.RunAsync("uml", Spec("uml", 96, Paravirtual, "02:00:00:00:00:02")),
            _dom0.RunAsync("qemu", Spec("qemu", 160, Emulated, "02:00:00:00:00:03")));
        await ServeAsync("uml");
        await ServeAsync("qemu");
        var tap = Assert.Single(Taps());
        Assert.Contains($"master {Bridge}", tap, StringComparison.Ordinal);

        foreach (var (guest, other) in new[] { ("uml", Emulated), ("qemu", Paravirtual) })
        {
            using var console = await ConsoleClient.OpenAsync(_dom0, guest, scrollback: 0);
            await console.TypeAsync($"$b ping -c 3 -i 0.2 -A {other} | $b grep received; $b wget -q -O - http://{other}/bin/busybox | $b sha256sum; $b ping -c 1 {Host} | $b grep received; echo all do''ne\n");
            await console.ExpectAsync("all done");
            Assert.Contains("3 packets received", console.Seen, StringComparison.Ordinal);
            Assert.Contains("1 packets received", console.Seen, StringComparison.Ordinal);
            Assert.True(console.Seen.Contains(Digest, StringComparison.Ordinal), console.Seen);
            Assert.Contains(Digest, _network.Run("sh", "-c", $"busybox wget -q -O - http://{other}/bin/busybox | sha256sum"), StringComparison.Ordinal);
        }

        await KillWhileTheyTalkAsync();
        await NobodyHearsAForeignAddressAsync();

        await _dom0.Domains.DestroyAsync(new DestroyDomainRequest { Id = "uml" });
        Assert.Single(Taps());
        await _dom0.Domains.DestroyAsync(new DestroyDomainRequest { Id = "qemu" });
        Assert.Empty(Taps());
    }

    [Fact]
    public async Task ANetworkThatIsNotThereIsSaidAndAnAddressIsOneGuests()
    {
        var lost = Spec("uml", 96, Paravirtual, "02:00:00:00:00:02");
        lost.Interfaces[0].Bridge = "nowhere0";
        var failed = await _dom0.RunAsync("lost", lost);
        Assert.Equal((DomainState.Failed, "LaunchFailed"), (failed.State, failed.Reason));
        Assert.Contains("bridge nowhere0", failed.Message, StringComparison.Ordinal);
        Assert.Empty(Taps());

        var segment = Spec("uml", 96, Paravirtual, "02:00:00:00:00:02");
        segment.Interfaces[0].Segment = "alone";
        await _dom0.RunAsync("first", segment);
        var second = await _dom0.RunAsync("second", segment);
        Assert.Equal(DomainState.Failed, second.State);
        Assert.Contains("another guest of this network has the address 02:00:00:00:00:02", second.Message, StringComparison.Ordinal);
        Assert.Empty(Taps());
    }

    /// <summary>Many transfers one after the other, between the guests and with the host: each is a file without a fault, whenever dom0 dies.</summary>
    private async Task KillWhileTheyTalkAsync()
    {
        using (var console = await ConsoleClient.OpenAsync(_dom0, "uml", scrollback: 0))
        {
            await console.TypeAsync(
                $"i=0; while [ $i -lt 15 ]; do $b wget -q -O - http://{Emulated}/bin/busybox | $b sha256sum >>/sums; i=$((i+1)); [ $i = 3 ] && echo has be''gun; done; echo has en''ded\n");
            await console.ExpectAsync("has begun");
        }

        for (var kill = 0; kill < 2; kill++)
        {
            await _dom0.KillAsync();
            await _dom0.StartAsync();
            Assert.Contains(Digest, _network.Run("sh", "-c", $"busybox wget -q -O - http://{Paravirtual}/bin/busybox | sha256sum"), StringComparison.Ordinal);
        }

        using (var console = await ConsoleClient.OpenAsync(_dom0, "uml"))
        {
            await console.ExpectAsync("has ended");
            await console.TypeAsync($"echo $($b grep -c {Digest} /sums) who''le\n");
            await console.ExpectAsync("15 whole");
        }

        Assert.Single(Taps());
    }

    private async Task NobodyHearsAForeignAddressAsync()
    {
        using var console = await ConsoleClient.OpenAsync(_dom0, "uml", scrollback: 0);
        await console.TypeAsync($"$b ip address add 10.9.0.77/24 dev eth0; $b ping -c 1 -W 1 -I 10.9.0.77 {Emulated} | $b grep received; echo ping te''sted\n");
        await console.ExpectAsync("ping tested");
        Assert.Contains("0 packets received", console.Seen, StringComparison.Ordinal);
    }

    private async Task ServeAsync(string guest)
    {
        using var console = await ConsoleClient.OpenAsync(_dom0, guest);
        await console.ExpectAsync("# ");
        await console.TypeAsync("b=/dev/.orchestrator/busybox; $b httpd -h / && echo httpd lis''tens\n");
        await console.ExpectAsync("httpd listens");
    }

    private IEnumerable<string> Taps() =>
        _network.Run("ip", "-oneline", "link").Split('\n').Where(line => line.Contains(" vms", StringComparison.Ordinal));

    private DomainSpec Spec(string engine, long mebibytes, string address, string mac) => new()
    {
        Engine = engine,
        Vcpus = 1,
        MemoryBytes = mebibytes << 20,
        RootImageDigest = _image,
        Hostname = engine,
        Interfaces = { new NetworkInterface { Name = "default", Bridge = Bridge, MacAddress = mac, Addresses = { $"{address}/24" }, Gateway = Host } },
    };
}
