using System.Buffers.Binary;

namespace Orchestrator.Hypervisor.Devices.Network;

/// <summary>The Internet checksum (RFC 1071) that a sender left to be made: over all from a start, into a place that holds its first part.</summary>
internal static class PartialChecksum
{
    /// <summary>Whether the place lies in the frame. Guests lie about it.</summary>
    public static bool Fits(int frameBytes, int start, int offset) => start <= frameBytes && start + offset + sizeof(ushort) <= frameBytes;

    public static void Complete(Span<byte> frame, int start, int offset)
    {
        ReadOnlySpan<byte> data = frame[start..];
        var sum = 0ul;
        for (; data.Length >= sizeof(ushort); data = data[sizeof(ushort)..])
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(data);
        }

        sum += data.IsEmpty ? 0ul : (ulong)data[0] << 8;
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        // Zero means "no checksum" to UDP; its other form says the same sum.
        var checksum = (ushort)~sum;
        BinaryPrimitives.WriteUInt16BigEndian(frame[(start + offset)..], checksum == 0 ? ushort.MaxValue : checksum);
    }
}
