using CsCheck;
using Orchestrator.Hypervisor.Network.Switching;
using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Tests.Network;

public sealed class SwitchProperties
{
    private const long Second = 1000;
    private const long Age = LayerTwoSwitch.AgeSeconds * Second;

    private static readonly Gen<ulong> Address = Gen.Frequency(
        (10, Gen.ULong[0x0200_0000_0000, 0x0200_0000_0007]),
        (2, Gen.Const(MacAddress.Broadcast.Value)),
        (1, Gen.Const(0x0100_5E00_0001UL)),
        (1, Gen.Const(0x0180_C200_000EUL)),
        (1, Gen.ULong[0, 0xFFFF_FFFF_FFFF]));

    private static readonly Gen<PortRules> Rules = Gen.Select(
        Gen.UInt[1, 2], Gen.ULong[0x0200_0000_0000, 0x0200_0000_0005], Gen.Bool, Gen.Int[1, 3],
        (network, address, isUplink, most) => new PortRules
        {
            NetworkId = network,
            Address = isUplink ? null : new MacAddress(address),
            MostAddresses = most,
        });

    /// <summary>Ports come and go, addresses move, age and overflow: a frame reaches those whom it must reach, as it was, and nobody else.</summary>
    [Fact]
    public void AFrameReachesWhomItMust() =>
        Gen.Select(Rules.Array[2, 7], Gen.Select(Gen.Int[0, 20], Address, Address, Gen.OneOf(0L, 1, 1000, Age / 2)).Array[1, 60]).Holds(
            (rules, steps) =>
            {
                var (bridge, model, now) = (new LayerTwoSwitch(Second), new SwitchModel(Age), 0L);
                var ports = new List<(SwitchPort Port, SwitchModel.Port Model)>();
                foreach (var rule in rules)
                {
                    Attach(bridge, model, ports, rule, now);
                }

                foreach (var (which, source, destination, delay) in steps)
                {
                    now += delay;
                    if (which == 20 && ports.Count > 2)
                    {
                        // The first one goes, and comes again as somebody new.
                        var (port, gone) = ports[0];
                        bridge.Detach(port);
                        model.Detach(gone);
                        ports.RemoveAt(0);
                        Attach(bridge, model, ports, gone.Rules, now);
                        continue;
                    }

                    var (from, fromModel) = ports[which % ports.Count];
                    var frame = FrameOf(destination, source, (ushort)which);
                    var expected = model.Receivers(fromModel, source, destination, now);
                    Assert.Equal(Forwarding.Done, bridge.Forward(from, new Frame(frame), false, now, out _, out _));
                    foreach (var (_, other) in ports)
                    {
                        Assert.Equal(expected.Contains(other) ? [frame] : [], other.Station.Received);
                        other.Station.Received.Clear();
                    }

                    Assert.True(bridge.LearnedCount >= model.Known(now).Count);
                    Assert.All(ports, one => Assert.InRange(one.Port.LearnedAddresses, 0, one.Port.Rules.MostAddresses));
                }
            },
            iter: 3000);

    /// <summary>Whatever bytes a guest sends, nobody hears them from an address that isn't its own.</summary>
    [Fact]
    public void NobodySpeaksForAnother() => Gen.Select(Gen.Byte.Array[0, 80], Gen.Int[0, 5]).Holds(
        (frame, shape) =>
        {
            var bridge = new LayerTwoSwitch(Second);
            var own = new MacAddress(0x0200_0000_0001);
            var (sender, other, uplink) = (new Station(), new Station(), new Station());
            var port = bridge.Attach(new PortRules { NetworkId = 1, Address = own, InternetAddresses = [0x0A00_0001] }, sender, 0);
            bridge.Attach(new PortRules { NetworkId = 1, Address = new MacAddress(0x0200_0000_0002) }, other, 0);
            bridge.Attach(new PortRules { NetworkId = 1 }, uplink, 0);
            if (frame.Length >= 14 && shape > 0)
            {
                MacAddress.Broadcast.Write(frame);
                own.Write(frame.AsSpan(6));
                (frame[12], frame[13]) = shape switch { 1 => ((byte)8, (byte)0), 2 => ((byte)8, (byte)6), 3 => ((byte)0x81, (byte)0), 4 => ((byte)0x86, (byte)0xDD), _ => (frame[12], frame[13]) };
            }

            bridge.Forward(port, new Frame(frame), false, 0, out _, out _);
            Assert.Empty(sender.Received);
            foreach (var heard in other.Received.Concat(uplink.Received))
            {
                Assert.Equal(own, MacAddress.Read(heard.AsSpan(6)));
                var type = heard[12] << 8 | heard[13];
                Assert.NotEqual(0x8100, type);
                Assert.NotEqual(0x86DD, type);
                if (type is 0x0800 or 0x0806)
                {
                    var at = type == 0x0800 ? 26 : 28;
                    Assert.Contains(BitConverter.ToUInt32(heard.AsSpan(at, 4)), new[] { 0u, 0x0100_000Au });
                }
            }
        },
        iter: 5000);

    [Fact]
    public void ARateIsHeldAndTheSenderIsToldWhen()
    {
        var bridge = new LayerTwoSwitch(Second);
        var station = new Station();
        var limits = new DomainLimits { OperationsPerSecond = 10, BurstOperations = 3 };
        var port = bridge.Attach(new PortRules { NetworkId = 1, Address = new MacAddress(2), Limits = limits }, new Station(), 0);
        bridge.Attach(new PortRules { NetworkId = 1, Address = new MacAddress(4) }, station, 0);
        for (var now = 0L; now < 100 * Second;)
        {
            if (bridge.Forward(port, new Frame(FrameOf(4, 2, 0)), false, now, out var readyAt, out _) is Forwarding.Throttled)
            {
                Assert.Equal(Forwarding.Throttled, bridge.Forward(port, new Frame(FrameOf(4, 2, 0)), false, readyAt - 1, out _, out _));
                now = readyAt;
            }
        }

        Assert.Equal(3 + (10 * 100) - 1, station.Received.Count);
    }

    [Fact]
    public void WithoutRoomTheSenderMayWaitOrLetItGo()
    {
        var bridge = new LayerTwoSwitch(Second);
        var station = new Station { HasRoom = false };
        var port = bridge.Attach(new PortRules { NetworkId = 1, Address = new MacAddress(2) }, new Station(), 0);
        var full = bridge.Attach(new PortRules { NetworkId = 1, Address = new MacAddress(4) }, station, 0);
        Assert.Equal(Forwarding.NoRoom, bridge.Forward(port, new Frame(FrameOf(4, 2, 0)), false, 0, out _, out var receiver));
        Assert.Equal((full, 0L, 0L), (receiver, full.DropsOf(FrameDrop.NoRoom), port.SentFrames));
        Assert.Equal(Forwarding.Done, bridge.Forward(port, new Frame(FrameOf(4, 2, 0)), true, 0, out _, out _));
        Assert.Equal((1L, 1L), (full.DropsOf(FrameDrop.NoRoom), port.SentFrames));
        Assert.Equal(Forwarding.Done, bridge.Forward(port, new Frame(FrameOf(MacAddress.Broadcast.Value, 2, 0)), false, 0, out _, out _));
        Assert.Equal(2, full.DropsOf(FrameDrop.NoRoom));
    }

    [Fact]
    public void AnAddressIsOneGuests()
    {
        var bridge = new LayerTwoSwitch(Second);
        var rules = new PortRules { NetworkId = 1, Address = new MacAddress(2) };
        var port = bridge.Attach(rules, new Station(), 0);
        Assert.Throws<ArgumentException>(() => bridge.Attach(rules, new Station(), 0));
        Assert.Throws<ArgumentException>(() => bridge.Attach(rules with { Address = MacAddress.Broadcast }, new Station(), 0));
        bridge.Attach(rules with { NetworkId = 2 }, new Station(), 0);
        bridge.Detach(port);
        bridge.Attach(rules, new Station(), 0);
    }

    private static void Attach(
        LayerTwoSwitch bridge, SwitchModel model, List<(SwitchPort Port, SwitchModel.Port Model)> ports, PortRules rules, long now)
    {
        if (rules.Address is not null && model.Ports.Exists(port => port.Rules.NetworkId == rules.NetworkId && port.Rules.Address == rules.Address))
        {
            return;
        }

        var one = new SwitchModel.Port(ports.Count, rules, new Station());
        model.Ports.Add(one);
        ports.Add((bridge.Attach(rules, one.Station, now), one));
    }

    private static byte[] FrameOf(ulong destination, ulong source, ushort number)
    {
        var frame = new byte[60];
        new MacAddress(destination).Write(frame);
        new MacAddress(source).Write(frame.AsSpan(6));
        (frame[12], frame[13], frame[14], frame[15]) = (0x88, 0xB5, (byte)(number >> 8), (byte)number);
        return frame;
    }
}
