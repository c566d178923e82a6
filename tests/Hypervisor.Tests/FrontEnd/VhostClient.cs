using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.Tests.FrontEnd;

/// <summary>The front-end's side of vhost-user, written from QEMU's document: an engine without a guest. It can say anything.</summary>
internal sealed class VhostClient : IDisposable
{
    public const uint Version = 1;
    public const uint IsReply = 4;
    public const uint NeedsReply = 8;

    private readonly SafeFileHandle _socket;
    private readonly List<SafeFileHandle> _received = [];

    public VhostClient(string path)
    {
        _socket = UnixSockets.Connect(path);
    }

    public SafeFileHandle Socket => _socket;

    public void Send(uint request, ReadOnlySpan<byte> payload, ReadOnlySpan<SafeFileHandle> descriptors = default, uint flags = Version)
    {
        Span<byte> message = stackalloc byte[12 + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, request);
        BinaryPrimitives.WriteUInt32LittleEndian(message[4..], flags);
        BinaryPrimitives.WriteUInt32LittleEndian(message[8..], (uint)payload.Length);
        payload.CopyTo(message[12..]);
        SendRaw(message, descriptors);
    }

    public void SendRaw(ReadOnlySpan<byte> bytes, ReadOnlySpan<SafeFileHandle> descriptors = default)
    {
        if (!UnixSockets.TrySend(_socket, bytes, descriptors))
        {
            throw new IOException("the back-end has closed the connection");
        }
    }

    /// <summary>The payload of the reply, which must be one to that request.</summary>
    public byte[] Receive(uint request)
    {
        var header = ReceiveExactly(12);
        var (answered, flags) = (BinaryPrimitives.ReadUInt32LittleEndian(header), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4)));
        if (answered != request || flags != (Version | IsReply))
        {
            throw new InvalidDataException($"message {answered} with flags {flags:x} instead of a reply to {request}");
        }

        return ReceiveExactly((int)BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)));
    }

    /// <summary>A descriptor that came with a reply.</summary>
    public SafeFileHandle TakeDescriptor()
    {
        var first = _received[0];
        _received.RemoveAt(0);
        return first;
    }

    public byte[] Ask(uint request, ReadOnlySpan<byte> payload = default)
    {
        Send(request, payload);
        return Receive(request);
    }

    public ulong AskNumber(uint request) => BinaryPrimitives.ReadUInt64LittleEndian(Ask(request));

    /// <summary>With an acknowledgement, so that it has been carried out when this returns.</summary>
    public void Tell(uint request, ReadOnlySpan<byte> payload, params ReadOnlySpan<SafeFileHandle> descriptors)
    {
        Send(request, payload, descriptors, Version | NeedsReply);
        if (BinaryPrimitives.ReadUInt64LittleEndian(Receive(request)) is not 0 and var error)
        {
            throw new InvalidDataException($"message {request} was refused with {error}");
        }
    }

    public void SendNumber(uint request, ulong number) => Send(request, Bytes(number));

    /// <summary>Whether the back-end closes the connection, sooner or later.</summary>
    public bool IsClosed()
    {
        var buffer = new byte[64];
        while (true)
        {
            Events.Await(_socket);
            try
            {
                if (UnixSockets.Receive(_socket, buffer, _received).Bytes == 0)
                {
                    return true;
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Reset: it left something of ours unread.
                return true;
            }
        }
    }

    public static byte[] Bytes(params ReadOnlySpan<ulong> numbers)
    {
        var bytes = new byte[8 * numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8 * i), numbers[i]);
        }

        return bytes;
    }

    /// <summary>Two numbers of 32 bits, as most messages about queues have them.</summary>
    public static byte[] Pair(uint first, uint second) => Bytes(first | ((ulong)second << 32));

    public static byte[] Table(params ReadOnlySpan<RegionPlace> places)
    {
        var numbers = new ulong[1 + (4 * places.Length)];
        numbers[0] = (ulong)places.Length;
        for (var i = 0; i < places.Length; i++)
        {
            (numbers[1 + (4 * i)], numbers[2 + (4 * i)]) = (places[i].GuestAddress, places[i].Length);
            (numbers[3 + (4 * i)], numbers[4 + (4 * i)]) = (places[i].FrontEndAddress, places[i].FileOffset);
        }

        return Bytes(numbers);
    }

    public void Dispose()
    {
        _received.ForEach(descriptor => descriptor.Dispose());
        _socket.Dispose();
    }

    private byte[] ReceiveExactly(int count)
    {
        var bytes = new byte[count];
        for (var done = 0; done < count;)
        {
            Events.Await(_socket);
            var received = UnixSockets.Receive(_socket, bytes.AsSpan(done), _received);
            done += received.Bytes > 0 || received.IsNothingYet ? received.Bytes : throw new IOException("the back-end has closed the connection");
        }

        return bytes;
    }
}
