using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Devices.Network;
using Orchestrator.Hypervisor.Network.Switching;
using Orchestrator.Hypervisor.Rings.Device;
using Orchestrator.Hypervisor.VhostUser;

namespace Orchestrator.Hypervisor.Tests.Network;

/// <summary>Network cards as guests see them, through sockets and rings, joined by the switch.</summary>
public sealed class NetworkDeviceTests : IAsyncLifetime
{
    private const ulong MergeableBuffers = 1 << 15;
    private const ulong GuestChecksums = 1 << 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("served-network-").FullName;
    private readonly DeviceLoop _loop = new(NullLogger<DeviceLoop>.Instance, DeviceRingSize.Default(Stopwatch.Frequency));
    private readonly LayerTwoSwitch _switch = new(Stopwatch.Frequency);
    private readonly List<(NetworkDevice Device, VhostPort Port)> _cards = [];

    public async ValueTask InitializeAsync()
    {
        for (var number = 1u; number <= 3; number++)
        {
            var rules = new PortRules { NetworkId = 1, Address = Address(number) };
            var device = await _loop.AskAsync(() => new NetworkDevice(_loop, NullLogger.Instance, $"card-{number}", _switch, rules));
            _cards.Add((device, VhostPort.Open(Socket(number), device, new VhostPeer(0, 1 << 30), null, NullLogger.Instance)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (device, port) in _cards)
        {
            await port.CloseAsync();
            await _loop.AskAsync(() =>
            {
                device.Dispose();
                return true;
            });
        }

        _loop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Frames of all sizes, to one and to all, into whole buffers and merged ones.</summary>
    [Theory]
    [InlineData(2048, 0ul, false)]
    [InlineData(2048, MergeableBuffers, false)]
    [InlineData(300, 0ul, false)]
    [InlineData(2048, MergeableBuffers, true)]
    [InlineData(300, 0ul, true)]
    public void AFrameArrivesAsItWasSent(int bufferBytes, ulong without, bool packed)
    {
        using var first = new NetworkFrontEnd(Socket(1), isPacked: packed);
        using var second = new NetworkFrontEnd(Socket(2), bufferBytes, without: without, isPacked: packed);
        var random = new Random(bufferBytes);
        for (var round = 0; round < 10; round++)
        {
            var frame = FrameOf(round % 3 == 0 ? MacAddress.Broadcast : Address(2), Address(1), round == 0 ? 1514 : random.Next(60, 1515), random);
            first.Send(frame);
            var received = second.Receive();
            Assert.Equal((frame.Length + 12 + bufferBytes - 1) / bufferBytes, BitConverter.ToUInt16(received, 10));
            Assert.Equal(frame, received.AsSpan(NetworkFrontEnd.HeaderBytes));
            Assert.Equal(new byte[10], received.AsSpan(0, 10));
            Assert.False(first.HasReceived);
        }

        Assert.Equal((10, 10), (_cards[0].Device.Port.SentFrames, _cards[1].Device.Port.ReceivedFrames));
    }

    [Fact]
    public void NobodyHearsWhatIsNotForHim()
    {
        using var first = new NetworkFrontEnd(Socket(1));
        using var second = new NetworkFrontEnd(Socket(2));
        using var third = new NetworkFrontEnd(Socket(3));
        var random = new Random(1);
        first.Send(FrameOf(Address(2), Address(1), 100, random));
        first.Send(FrameOf(Address(2), Address(3), 100, random)); // in another's name
        first.Send(FrameOf(Address(9), Address(1), 100, random)); // to nobody
        first.Send(FrameOf(Address(3), Address(1), 61, random));
        Assert.Equal(61 + 12, third.Receive().Length);
        Assert.Equal(100 + 12, second.Receive().Length);
        Assert.False(second.HasReceived || third.HasReceived);
        var port = _cards[0].Device.Port;
        Assert.Equal((1, 1), (port.DropsOf(FrameDrop.Spoofed), port.DropsOf(FrameDrop.Nowhere)));
    }

    /// <summary>A checksum that the sender left open goes on as it is to who can finish it, and is finished for who can't.</summary>
    [Fact]
    public void AnOpenChecksumIsFinishedForWhoCannot()
    {
        using var first = new NetworkFrontEnd(Socket(1));
        using var second = new NetworkFrontEnd(Socket(2));
        using var third = new NetworkFrontEnd(Socket(3), without: GuestChecksums);
        var frame = FrameOf(MacAddress.Broadcast, Address(1), 101, new Random(2));
        (frame[50], frame[51]) = (0x12, 0x34); // the pseudo header's sum
        first.Send(frame, [1, 0, 0, 0, 0, 0, 34, 0, 16, 0]);
        var open = second.Receive();
        Assert.Equal("\u0001\0\0\0\0\0\u0022\0\u0010\0"u8, open.AsSpan(0, 10));
        Assert.Equal(frame, open.AsSpan(12));

        var finished = third.Receive();
        Assert.Equal(0, finished[0]);
        Assert.Equal(frame.AsSpan(0, 50), finished.AsSpan(12, 50));
        Assert.Equal(frame.AsSpan(52), finished.AsSpan(64));

        // The complement of the sum over all from the start, the pseudo header's part among them.
        Assert.Equal(0xFFFF - Sum(frame.AsSpan(34)), finished[62] << 8 | finished[63]);
    }

    [Theory]
    [InlineData(1, 0, 34, 80)] // the checksum behind the end
    [InlineData(1, 0, 60000, 60000)]
    [InlineData(0, 1, 0, 0)] // segmentation, which was never offered
    public void AHeaderThatLiesIsDropped(byte flags, byte segmentation, ushort start, ushort offset)
    {
        using var first = new NetworkFrontEnd(Socket(1));
        using var second = new NetworkFrontEnd(Socket(2));
        var frame = FrameOf(Address(2), Address(1), 100, new Random(3));
        byte[] header = [flags, segmentation, 0, 0, 0, 0, .. BitConverter.GetBytes(start), .. BitConverter.GetBytes(offset)];
        first.Send(frame, header);
        first.Send(frame.AsSpan(0, 13));
        first.Send([]);
        first.Send(new byte[2000]);
        first.Send(frame);
        Assert.Equal(frame, second.Receive().AsSpan(12));
        Assert.Equal(4, _cards[0].Device.Port.DropsOf(FrameDrop.Malformed));
    }

    /// <summary>A guest that never reads loses its own frames; its neighbours wait for it once, for a moment, and then not again.</summary>
    [Fact]
    public void WhoDoesNotReadLosesFramesAndHoldsUpNobody()
    {
        using var first = new NetworkFrontEnd(Socket(1));
        using var deaf = new NetworkFrontEnd(Socket(2), buffers: 5);
        using var third = new NetworkFrontEnd(Socket(3));
        var random = new Random(4);
        for (var i = 0; i < 500; i++)
        {
            first.Send(FrameOf(Address(2), Address(1), 100, random));
        }

        first.Send(FrameOf(Address(3), Address(1), 200, random));
        Assert.Equal(212, third.Receive().Length);
        Assert.Equal(495, _cards[1].Device.Port.DropsOf(FrameDrop.NoRoom));
        Assert.Equal(5, _cards[1].Device.Port.ReceivedFrames);

        // It reads again, and hears again.
        for (var i = 0; i < 5; i++)
        {
            deaf.Receive();
            deaf.OfferBuffer();
        }

        deaf.ExposeBuffers();
        first.Send(FrameOf(Address(2), Address(1), 300, random));
        Assert.Equal(312, deaf.Receive().Length);
    }

    [Fact]
    public void ACardWithoutADriverIsAnEmptySocket()
    {
        using var first = new NetworkFrontEnd(Socket(1));
        for (var i = 0; i < 100; i++)
        {
            first.Send(FrameOf(Address(2), Address(1), 100, new Random(5)));
        }

        using (var second = new NetworkFrontEnd(Socket(2)))
        {
            first.Send(FrameOf(Address(2), Address(1), 100, new Random(5)));
            second.Receive();
        }

        Assert.Equal(100, _cards[1].Device.Port.DropsOf(FrameDrop.NoRoom));
    }

    private string Socket(uint number) => Path.Combine(_folder, $"card-{number}.sock");

    private static MacAddress Address(uint number) => new(0x0200_0000_0000ul + number);

    private static int Sum(ReadOnlySpan<byte> data)
    {
        var sum = 0;
        for (var i = 0; i < data.Length; i++)
        {
            sum += i % 2 == 0 ? data[i] << 8 : data[i];
        }

        while (sum > 0xFFFF)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return sum;
    }

    private static byte[] FrameOf(MacAddress destination, MacAddress source, int bytes, Random random)
    {
        var frame = new byte[bytes];
        random.NextBytes(frame);
        destination.Write(frame);
        source.Write(frame.AsSpan(6));
        (frame[12], frame[13]) = (0x88, 0xB5);
        return frame;
    }
}
