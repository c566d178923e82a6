using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>A conversation's state as bytes and a list of descriptors. Only a dom0 of the same format reads it back.</summary>
internal static class VhostStateFormat
{
    private const uint Format = 0x52_4F_48_33;
    private const int HeaderBytes = sizeof(uint) + sizeof(ulong);

    public static byte[] Write(VhostState state, ulong generation, List<SafeFileHandle> descriptors)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Format);
        writer.Write(generation);
        writer.Write(state.Features);
        writer.Write(state.ProtocolFeatures);
        writer.Write(state.Regions.Count);
        foreach (var (place, file) in state.Regions)
        {
            WritePlace(writer, place);
            descriptors.Add(file);
        }

        foreach (var queue in state.Queues)
        {
            writer.Write(queue.Size);
            writer.Write(queue.Addresses.Descriptors);
            writer.Write(queue.Addresses.Driver);
            writer.Write(queue.Addresses.Device);
            writer.Write(queue.LogAddress.HasValue);
            writer.Write(queue.LogAddress ?? 0);
            writer.Write(queue.Position);
            writer.Write(queue.IsEnabled);
            WriteHandle(writer, queue.Kick, descriptors);
            WriteHandle(writer, queue.Call, descriptors);
            WriteHandle(writer, queue.Error, descriptors);
        }

        WriteHandle(writer, state.BackendChannel, descriptors);
        WriteHandle(writer, state.LogCall, descriptors);
        WriteHandle(writer, state.Log?.File, descriptors);
        if (state.Log is { } log)
        {
            writer.Write(log.Bytes);
            writer.Write(log.Offset);
        }

        WriteHandle(writer, state.Inflight?.File, descriptors);
        if (state.Inflight is { } inflight)
        {
            writer.Write(inflight.Bytes);
            writer.Write(inflight.Offset);
            writer.Write(inflight.QueueCount);
            writer.Write(inflight.QueueSize);
            writer.Write(inflight.IsOurs);
        }

        return stream.ToArray();
    }

    /// <summary>0 if it is none of our messages.</summary>
    public static ulong GenerationOf(ReadOnlySpan<byte> message) =>
        message.Length >= HeaderBytes && BinaryPrimitives.ReadUInt32LittleEndian(message) == Format
            ? BinaryPrimitives.ReadUInt64LittleEndian(message[sizeof(uint)..])
            : 0;

    /// <summary>Takes the descriptors over. Null, and they are closed, if the message is none of ours.</summary>
    public static (VhostState State, SafeFileHandle Connection)? TryRead(byte[] message, int queueCount, List<SafeFileHandle> descriptors)
    {
        var left = new Queue<SafeFileHandle>(descriptors);
        var state = new VhostState(queueCount);
        try
        {
            var connection = left.Dequeue();
            using var reader = new BinaryReader(new MemoryStream(message, HeaderBytes, message.Length - HeaderBytes), Encoding.UTF8);
            Read(reader, state, left);
            return (state, connection);
        }
        catch (Exception error) when (error is EndOfStreamException or InvalidOperationException)
        {
            // Shorter than it says, in bytes or in descriptors: an engine wrote it, or another version of us.
            state.Dispose();
            descriptors.ForEach(descriptor => descriptor.Dispose());
            return null;
        }
    }

    private static void Read(BinaryReader reader, VhostState state, Queue<SafeFileHandle> descriptors)
    {
        state.Features = reader.ReadUInt64();
        state.ProtocolFeatures = reader.ReadUInt64();
        for (var regions = reader.ReadInt32(); regions > 0; regions--)
        {
            state.Regions.Add(new VhostRegion(ReadPlace(reader), descriptors.Dequeue()));
        }

        foreach (var queue in state.Queues)
        {
            queue.Size = reader.ReadUInt16();
            queue.Addresses = (reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64());
            var isLogged = reader.ReadBoolean();
            var logAddress = reader.ReadUInt64();
            queue.LogAddress = isLogged ? logAddress : null;
            queue.Position = reader.ReadUInt32();
            queue.IsEnabled = reader.ReadBoolean();
            queue.Kick = ReadHandle(reader, descriptors);
            queue.Call = ReadHandle(reader, descriptors);
            queue.Error = ReadHandle(reader, descriptors);
        }

        state.BackendChannel = ReadHandle(reader, descriptors);
        state.LogCall = ReadHandle(reader, descriptors);
        if (ReadHandle(reader, descriptors) is { } log)
        {
            state.Log = new VhostLog(log, reader.ReadUInt64(), reader.ReadUInt64());
        }

        if (ReadHandle(reader, descriptors) is { } inflight)
        {
            state.Inflight = new VhostInflight(
                inflight, reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadBoolean());
        }
    }

    private static void WritePlace(BinaryWriter writer, RegionPlace place)
    {
        writer.Write(place.GuestAddress);
        writer.Write(place.Length);
        writer.Write(place.FrontEndAddress);
        writer.Write(place.FileOffset);
    }

    private static RegionPlace ReadPlace(BinaryReader reader) =>
        new(reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64());

    private static void WriteHandle(BinaryWriter writer, SafeFileHandle? handle, List<SafeFileHandle> descriptors)
    {
        writer.Write(handle is not null);
        if (handle is not null)
        {
            descriptors.Add(handle);
        }
    }

    private static SafeFileHandle? ReadHandle(BinaryReader reader, Queue<SafeFileHandle> descriptors) =>
        reader.ReadBoolean() ? descriptors.Dequeue() : null;
}
