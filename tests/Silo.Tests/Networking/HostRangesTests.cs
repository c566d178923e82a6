using Microsoft.Extensions.Options;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Networking;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Tests.Networking;

public sealed class HostRangesTests : IDisposable
{
    private static readonly Kind Nodes = KindCatalog.Of<Node>();
    private readonly SiloParts _parts = new();

    public void Dispose() => _parts.Dispose();

    [Fact]
    public async Task Hosts_that_come_at_once_get_ranges_of_their_own_until_there_is_none()
    {
        var ranges = Ranges("10.1.0.0/20");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
        {
            await _parts.Pipeline.Create(Nodes, Host($"h{number}"), RequestOptions.Default, TestContext.Current.CancellationToken);
            await ranges.Give($"h{number}", "");
        }));
        var given = Enumerable.Range(0, 20).Select(number => RangeOf($"h{number}")).Where(range => range.Length > 0).ToArray();
        Assert.Equal(16, given.Distinct().Count());
        Assert.Equal(16, given.Length);

        // What a host that is taken out of the cluster had is the next one's.
        await _parts.Pipeline.Delete(KeyOf("h0"), Nodes, new DeleteOptions(), TestContext.Current.CancellationToken);
        var without = Enumerable.Range(1, 19).Single(number => RangeOf($"h{number}").Length == 0 && number == Enumerable.Range(1, 19).First(other => RangeOf($"h{other}").Length == 0));
        await ranges.Give($"h{without}", "");
        Assert.DoesNotContain(RangeOf($"h{without}"), Enumerable.Range(1, 19).Where(number => number != without).Select(number => RangeOf($"h{number}")));
    }

    [Theory]
    [InlineData("", "", "10.1.0.0/24")]
    [InlineData("10.1.0.0/24", "", "10.1.1.0/24")]
    [InlineData("10.1.0.0/24,10.1.1.128/25", "", "10.1.2.0/24")]    // a range of another size takes all that it touches
    [InlineData("", "10.88.3.0/24", "10.88.3.0/24")]                // a host keeps what it has
    [InlineData("10.1.2.0/24", "10.1.2.0/24", "10.1.0.0/24")]       // unless another host has it by now
    [InlineData("", "nonsense", "10.1.0.0/24")]
    public void A_host_keeps_what_it_has_or_gets_the_first_that_is_free(string taken, string present, string expected)
    {
        var ranges = taken.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text => AddressRange.Parse(text)!.Value).ToHashSet();
        Assert.Equal(expected, HostRanges.Choose(ranges, present, new NetworkOptions { ClusterCidr = "10.1.0.0/22" })?.ToString());
    }

    [Fact]
    public async Task Clients_neither_choose_nor_change_a_range()
    {
        var chosen = Host("mine");
        chosen.Spec = new NodeSpec { PodCidr = "10.1.0.0/24" };
        var refused = await _parts.Pipeline.Create(Nodes, chosen, RequestOptions.Default, TestContext.Current.CancellationToken);
        Assert.Contains("spec.podCIDR: Forbidden: the control plane gives each host its range", refused.Error!.Message);

        await _parts.Pipeline.Create(Nodes, Host("h"), RequestOptions.Default, TestContext.Current.CancellationToken);
        await Ranges("10.1.0.0/16").Give("h", "");
        var kept = await _parts.Pipeline.Update(Nodes, Host("h"), statusOnly: false, RequestOptions.Default, TestContext.Current.CancellationToken);
        Assert.Equal("10.1.0.0/24", kept.Object!.As<Node>().Spec.PodCidr);
        var moved = Host("h");
        moved.Spec = new NodeSpec { PodCidr = "10.1.9.0/24", PodCidrs = { "10.1.9.0/24" } };
        Assert.Contains("has given \"10.1.0.0/24\"", (await _parts.Pipeline.Update(Nodes, moved, statusOnly: false, RequestOptions.Default, TestContext.Current.CancellationToken)).Error!.Message);
    }

    [Theory]
    [InlineData("10.1.0.1/16", 24, "--cluster-cidr")]
    [InlineData("fd00::/64", 24, "--cluster-cidr")]
    [InlineData("10.1.0.0/16", 12, "--host-prefix-length")]
    [InlineData("10.1.0.0/16", 31, "--host-prefix-length")]
    public void Options_that_cannot_be_are_named(string cluster, int prefix, string option) =>
        Assert.StartsWith(option, new ValidateNetworkOptions().Validate(null, new NetworkOptions { ClusterCidr = cluster, HostPrefixLength = prefix }).FailureMessage);

    private HostRanges Ranges(string cluster) => new(_parts.Sequencer, Options.Create(new NetworkOptions { ClusterCidr = cluster }));

    private string RangeOf(string host) => _parts.Cache.Find(KeyOf(host))?.As<Node>().Spec?.PodCidr ?? "";

    private static Node Host(string name) => new() { Metadata = new ObjectMeta { Name = name } };

    private static ObjectKey KeyOf(string host) => new(Nodes.Resource, "", host);
}
