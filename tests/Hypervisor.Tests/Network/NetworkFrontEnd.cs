using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Hypervisor.Tests.Network;

/// <summary>A guest's network driver, without the guest: it negotiates like an engine, offers buffers, sends and collects frames.</summary>
internal sealed class NetworkFrontEnd : IDisposable
{
    public const int HeaderBytes = 12;
    private const int Buffers = 64;

    private readonly VhostClient _client;
    private readonly SharedGuest _guest;
    private readonly int _bufferBytes;
    private readonly DriverRing _receive;
    private readonly DriverRing _transmit;
    private readonly SafeFileHandle[] _kicks = [Events.Create(), Events.Create()];
    private readonly SafeFileHandle[] _calls = [Events.Create(), Events.Create()];
    private readonly Dictionary<ushort, ulong> _addressOf = [];
    private readonly ulong _sending;

    public NetworkFrontEnd(string socket, int bufferBytes = 2048, int buffers = Buffers, ulong without = 0, bool isPacked = false)
    {
        _bufferBytes = bufferBytes;
        _client = new VhostClient(socket);
        _guest = new SharedGuest(1 << 20);
        Features = _client.AskNumber(1) & ~without & ~(isPacked ? 0 : BlockFrontEnd.Packed);
        _client.SendNumber(2, Features);
        _client.SendNumber(16, _client.AskNumber(15));
        _client.Send(3, []);
        _client.Tell(5, VhostClient.Table(_guest.Place), _guest.File);
        var hasEvents = (Features & BlockFrontEnd.EventIndex) != 0;
        _receive = DriverRing.Create(_guest, 128, hasEvents, isPacked);
        _transmit = DriverRing.Create(_guest, 128, hasEvents, isPacked);
        _sending = _guest.Allocate(4096);
        for (var i = 0; i < buffers; i++)
        {
            OfferBuffer(_guest.Allocate(bufferBytes));
        }

        Start(0, _receive);
        Start(1, _transmit);
        ExposeBuffers();
    }

    public ulong Features { get; }

    public void OfferBuffer(ulong? address = null)
    {
        var place = address ?? _guest.Allocate(_bufferBytes);
        _addressOf[_receive.Add(new DriverBuffer(place, (uint)_bufferBytes, true))] = place;
    }

    public void ExposeBuffers()
    {
        if (_receive.Expose())
        {
            Events.Signal(_kicks[0]);
        }
    }

    /// <summary>Sends one frame and returns when the device has finished it.</summary>
    public void Send(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> header = default)
    {
        var message = _guest[_sending, HeaderBytes + frame.Length];
        message.Clear();
        header.CopyTo(message);
        frame.CopyTo(message[HeaderBytes..]);
        _transmit.Add(new DriverBuffer(_sending, (uint)message.Length, false));
        if (_transmit.Expose())
        {
            Events.Signal(_kicks[1]);
        }

        while (!_transmit.Listen())
        {
            Events.Take(_calls[1]);
        }

        Assert.True(_transmit.TryCollect(out _, out _));
    }

    /// <summary>The next frame with its header, when there is one.</summary>
    public byte[] Receive()
    {
        while (!_receive.Listen())
        {
            Events.Take(_calls[0]);
        }

        return Collect(out var more) is var first && more > 1 ? [.. first, .. Enumerable.Range(1, more - 1).SelectMany(_ => Collect(out _))] : first;
    }

    public bool HasReceived => _receive.Listen();

    public void Dispose()
    {
        _client.Dispose();
        _guest.Dispose();
        foreach (var handle in _kicks.Concat(_calls))
        {
            handle.Dispose();
        }
    }

    private byte[] Collect(out int buffers)
    {
        Assert.True(_receive.TryCollect(out var head, out var written));
        _addressOf.Remove(head, out var address);
        var content = _guest[address, (int)written].ToArray();
        buffers = written >= HeaderBytes ? BitConverter.ToUInt16(content, 10) : 1;
        return content;
    }

    private unsafe void Start(uint index, DriverRing ring)
    {
        var place = ring.Place;
        _client.Send(8, VhostClient.Pair(index, place.Size));
        _client.Send(10, VhostClient.Pair(index, ring.StartPosition));
        _client.Send(9, VhostClient.Bytes(
            index, (ulong)_guest.At(place.Descriptors), (ulong)_guest.At(place.Device), (ulong)_guest.At(place.Driver), 0));
        _client.Send(13, VhostClient.Bytes(index), [_calls[index]]);
        _client.Send(12, VhostClient.Bytes(index), [_kicks[index]]);
        _client.Tell(18, VhostClient.Pair(index, 1));
    }
}
