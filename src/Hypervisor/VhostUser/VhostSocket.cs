using System.Buffers.Binary;
using System.ComponentModel;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>One message, valid until the next is read. The descriptors that came with it are whoever's takes them out of the list.</summary>
internal readonly record struct VhostMessage(VhostRequest Request, bool NeedsReply, ReadOnlyMemory<byte> Payload, List<SafeFileHandle> Descriptors)
{
    public ulong Number => BinaryPrimitives.ReadUInt64LittleEndian(Payload.Span);

    public SafeFileHandle? TakeDescriptor()
    {
        if (Descriptors.Count == 0)
        {
            return null;
        }

        var first = Descriptors[0];
        Descriptors.RemoveAt(0);
        return first;
    }
}

/// <summary>What a front-end has sent that no front-end may send; its connection ends, for this reason.</summary>
internal sealed class VhostProtocolException(string message) : Exception(message);

/// <summary>
/// Reads messages from a connection that may end, stutter or lie at any byte, and writes replies. It never waits. A message that is there
/// as a whole is taken as a whole: whenever we are killed, the next of us finds no half of one.
/// </summary>
internal sealed class VhostSocket(SafeFileHandle handle)
{
    private readonly byte[] _buffer = new byte[VhostFormat.HeaderBytes + VhostFormat.MostPayloadBytes];
    private readonly List<SafeFileHandle> _descriptors = [];
    private int _filled;

    public SafeFileHandle Handle { get; } = handle;

    /// <summary>Null if nothing whole is there yet.</summary>
    /// <exception cref="VhostProtocolException">The connection is at its end, or the message is none.</exception>
    public VhostMessage? TryRead()
    {
        if (_filled == 0 && Look(VhostFormat.HeaderBytes))
        {
            var whole = VhostFormat.HeaderBytes + (int)ReadHeader(out _, out _);
            if (Look(whole))
            {
                Fill(whole);
                _filled = 0;
                return Message();
            }
        }

        if (!Fill(VhostFormat.HeaderBytes) || !Fill(VhostFormat.HeaderBytes + (int)ReadHeader(out _, out _)))
        {
            return null;
        }

        _filled = 0;
        return Message();
    }

    /// <summary>Closes what came with the last message and nobody took.</summary>
    public void DropDescriptors()
    {
        _descriptors.ForEach(descriptor => descriptor.Dispose());
        _descriptors.Clear();
    }

    public void Reply(VhostRequest request, ReadOnlySpan<byte> payload, ReadOnlySpan<SafeFileHandle> descriptors = default) =>
        Send((uint)request, VhostFormat.Version | VhostFormat.IsReply, payload, descriptors);

    public void Reply(VhostRequest request, ulong number)
    {
        Span<byte> payload = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, number);
        Reply(request, payload);
    }

    public static bool TrySend(SafeFileHandle channel, uint request, uint flags, ReadOnlySpan<byte> payload, ReadOnlySpan<SafeFileHandle> descriptors)
    {
        Span<byte> message = stackalloc byte[VhostFormat.HeaderBytes + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, request);
        BinaryPrimitives.WriteUInt32LittleEndian(message[4..], flags);
        BinaryPrimitives.WriteUInt32LittleEndian(message[8..], (uint)payload.Length);
        payload.CopyTo(message[VhostFormat.HeaderBytes..]);
        return UnixSockets.TrySend(channel, message, descriptors);
    }

    private VhostMessage Message()
    {
        var size = ReadHeader(out var request, out var shape);
        if (_descriptors.Count > VhostFormat.MostTableRegions)
        {
            throw new VhostProtocolException("more descriptors than any message has");
        }

        if (_descriptors.Count < shape.LeastDescriptors || _descriptors.Count > shape.MostDescriptors)
        {
            throw new VhostProtocolException($"{request} with {_descriptors.Count} descriptors");
        }

        var needsReply = (BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(4)) & VhostFormat.NeedsReply) != 0;
        return new VhostMessage(request, needsReply, _buffer.AsMemory(VhostFormat.HeaderBytes, (int)size), _descriptors);
    }

    /// <summary>The payload's size, of a header that can be one.</summary>
    private uint ReadHeader(out VhostRequest request, out VhostShape shape)
    {
        request = (VhostRequest)BinaryPrimitives.ReadUInt32LittleEndian(_buffer);
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(4));
        var size = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(8));
        if ((flags & VhostFormat.VersionMask) != VhostFormat.Version || (flags & VhostFormat.IsReply) != 0)
        {
            throw new VhostProtocolException($"flags {flags:x} in message {(uint)request}");
        }

        shape = VhostShape.Of(request) ?? throw new VhostProtocolException($"unknown message {(uint)request}");
        return size >= shape.LeastBytes && size <= shape.MostBytes ? size : throw new VhostProtocolException($"{request} with {size} bytes");
    }

    private bool Look(int wanted) => UnixSockets.Look(Handle, _buffer.AsSpan(0, wanted)) == wanted;

    private void Send(uint request, uint flags, ReadOnlySpan<byte> payload, ReadOnlySpan<SafeFileHandle> descriptors)
    {
        if (!TrySend(Handle, request, flags, payload, descriptors))
        {
            throw new VhostProtocolException("it doesn't read its replies");
        }
    }

    private bool Fill(int wanted)
    {
        while (_filled < wanted)
        {
            Received received;
            try
            {
                received = UnixSockets.Receive(Handle, _buffer.AsSpan(_filled, wanted - _filled), _descriptors);
            }
            catch (Win32Exception error)
            {
                throw new VhostProtocolException(error.Message);
            }

            if (received.IsNothingYet)
            {
                return false;
            }

            if (received.IsCutOff || _descriptors.Count > VhostFormat.MostTableRegions)
            {
                throw new VhostProtocolException("more descriptors than any message has");
            }

            if (received.Bytes == 0)
            {
                throw new VhostProtocolException(_filled == 0 ? "it was closed" : $"it was closed {_filled} bytes into a message");
            }

            _filled += received.Bytes;
        }

        return true;
    }
}
