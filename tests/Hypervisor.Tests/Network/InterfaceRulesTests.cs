using Orchestrator.Dom0.V1;
using Orchestrator.Hypervisor.Api;
using Orchestrator.Hypervisor.Network.Switching;

namespace Orchestrator.Hypervisor.Tests.Network;

/// <summary>What the contract's network cards may be.</summary>
public sealed class InterfaceRulesTests
{
    [Fact]
    public void AGoodCardHasNoViolations() => Assert.Empty(InterfaceRules.Violations([Card(), Card(card =>
    {
        (card.Name, card.MacAddress, card.Segment) = ("two", "06:00:00:00:00:02", "default/rack");
        card.Addresses.Clear();
        card.Gateway = "";
    })]));

    [Theory]
    [InlineData("name", "A")]
    [InlineData("mac_address", "01:00:5e:00:00:01")]
    [InlineData("mac_address", "02:00:00:00:00")]
    [InlineData("mac_address", "02:00:00:00:0:001")]
    [InlineData("bridge", "../x")]
    [InlineData("bridge", "..")]
    [InlineData("bridge", "a-bridge-too-far")]
    [InlineData("segment", "")]
    [InlineData("network", "")]
    [InlineData("addresses", "10.0.0.1")]
    [InlineData("addresses", "10.0.0.1/33")]
    [InlineData("addresses", "010.0.0.1/8")]
    [InlineData("addresses", "fd00::1/64")]
    [InlineData("gateway", "$(reboot)")]
    public void EveryViolationHasItsPath(string field, string value)
    {
        var card = Card(card =>
        {
            switch (field)
            {
                case "name": card.Name = value; break;
                case "mac_address": card.MacAddress = value; break;
                case "bridge": card.Bridge = value; break;
                case "segment": card.Segment = value; break;
                case "addresses": card.Addresses.Add(value); break;
                case "gateway": card.Gateway = value; break;
                default: card.ClearNetwork(); break;
            }
        });
        Assert.StartsWith($"spec.interfaces[0].{field}:", Assert.Single(InterfaceRules.Violations([card])), StringComparison.Ordinal);
    }

    [Fact]
    public void CardsOfOneGuestAreDifferent() => Assert.StartsWith("spec.interfaces:", Assert.Single(InterfaceRules.Violations([Card(), Card()])), StringComparison.Ordinal);

    [Fact]
    public void AddressesAreReadAsTheyAreWritten()
    {
        Assert.Equal(0x0A580107u, InternetAddress.ParseWithPrefix("10.88.1.7/24"));
        Assert.Equal("02:00:5e:10:00:01", MacAddress.Parse("02:00:5E:10:00:01").ToString());
    }

    private static NetworkInterface Card(Action<NetworkInterface>? change = null)
    {
        var card = new NetworkInterface { Name = "default", MacAddress = "02:00:00:00:00:01", Bridge = "pods0", Addresses = { "10.88.1.7/24" }, Gateway = "10.88.1.1" };
        change?.Invoke(card);
        return card;
    }
}
