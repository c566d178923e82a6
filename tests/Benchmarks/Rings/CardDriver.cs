using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Benchmarks.Rings;

/// <summary>A guest's network driver without the guest, that only sends or only receives, as fast as it goes; asleep when there is nothing to do.</summary>
internal sealed class CardDriver : IDisposable
{
    public const int HeaderBytes = 12;
    private const int BufferBytes = 2048;
    private const ushort Size = 256;
    private const uint ReceiveQueue = 0;
    private const uint TransmitQueue = 1;

    private readonly VhostClient _client;
    private readonly SharedGuest _guest = new(2 << 20);
    private readonly SafeFileHandle[] _kicks = [Events.Create(), Events.Create()];
    private readonly SafeFileHandle[] _calls = [Events.Create(), Events.Create()];
    private readonly DriverQueue[] _queues;
    private readonly ulong[] _bufferOf = new ulong[Size];

    public CardDriver(string socket)
    {
        _client = new VhostClient(socket);
        var features = _client.AskNumber(1);
        _client.SendNumber(2, features & ~BlockFrontEnd.Packed);
        _client.SendNumber(16, _client.AskNumber(15));
        _client.Send(3, []);
        _client.Tell(5, VhostClient.Table(_guest.Place), _guest.File);
        _queues = [new DriverQueue(_guest, Size, eventIndex: true), new DriverQueue(_guest, Size, eventIndex: true)];
        Start(ReceiveQueue);
        Start(TransmitQueue);
    }

    public void Send(ReadOnlySpan<byte> frame, CancellationToken until)
    {
        var queue = _queues[TransmitQueue];
        var buffer = _guest.Allocate(HeaderBytes + frame.Length);
        _guest[buffer, HeaderBytes].Clear();
        frame.CopyTo(_guest[buffer + HeaderBytes, frame.Length]);
        var free = Size / 2;
        while (!until.IsCancellationRequested)
        {
            for (; free > 0; free--)
            {
                queue.Add(new DriverBuffer(buffer, (uint)(HeaderBytes + frame.Length), false));
            }

            Expose(TransmitQueue);
            Wait(TransmitQueue);
            while (queue.TryCollect(out _, out _))
            {
                free++;
            }
        }
    }

    /// <summary>Receives until the time is over; counts what comes after the first part of it.</summary>
    public long Receive(Func<bool> isOver, Func<bool> counts)
    {
        var queue = _queues[ReceiveQueue];
        for (var i = 0; i < Size; i++)
        {
            Offer(_guest.Allocate(BufferBytes));
        }

        Expose(ReceiveQueue);
        var received = 0L;
        while (!isOver())
        {
            Wait(ReceiveQueue);
            var (taken, counted) = (0, counts());
            while (taken < Size / 2 && queue.TryCollect(out var head, out _))
            {
                Offer(_bufferOf[head]);
                taken++;
            }

            Expose(ReceiveQueue);
            received += counted ? taken : 0;
        }

        return received;
    }

    public void Dispose()
    {
        _client.Dispose();
        _guest.Dispose();
        foreach (var handle in _kicks.Concat(_calls))
        {
            handle.Dispose();
        }
    }

    private void Offer(ulong buffer) => _bufferOf[_queues[ReceiveQueue].Add(new DriverBuffer(buffer, BufferBytes, true))] = buffer;

    private void Expose(uint index)
    {
        if (_queues[index].Expose())
        {
            Events.Signal(_kicks[index]);
        }
    }

    private void Wait(uint index)
    {
        while (!_queues[index].Listen())
        {
            Events.Take(_calls[index]);
        }
    }

    private unsafe void Start(uint index)
    {
        var place = _queues[index].Place;
        _client.Send(8, VhostClient.Pair(index, place.Size));
        _client.Send(10, VhostClient.Pair(index, 0));
        _client.Send(9, VhostClient.Bytes(
            index, (ulong)_guest.At(place.Descriptors), (ulong)_guest.At(place.Device), (ulong)_guest.At(place.Driver), 0));
        _client.Send(13, VhostClient.Bytes(index), [_calls[index]]);
        _client.Send(12, VhostClient.Bytes(index), [_kicks[index]]);
        _client.Tell(18, VhostClient.Pair(index, 1));
    }
}
