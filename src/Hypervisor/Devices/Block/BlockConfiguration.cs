using System.Buffers.Binary;

namespace Orchestrator.Hypervisor.Devices.Block;

/// <summary>struct virtio_blk_config: what a driver reads of the disk.</summary>
internal static class BlockConfiguration
{
    public const int Bytes = 60;

    /// <summary>Pieces of one request, but for its header and its status.</summary>
    public const uint MostSegments = 126;

    private const uint BlockBytes = 512;
    private const byte PhysicalBlockExponent = 3;
    private const uint MostSectors = 1 << 22;

    public static byte[] Write(ulong diskBytes, int queueCount)
    {
        var configuration = new byte[Bytes];
        WriteCapacity(configuration, diskBytes);
        var at = configuration.AsSpan();
        BinaryPrimitives.WriteUInt32LittleEndian(at[12..], MostSegments);
        BinaryPrimitives.WriteUInt32LittleEndian(at[20..], BlockBytes);
        at[24] = PhysicalBlockExponent;
        BinaryPrimitives.WriteUInt16LittleEndian(at[34..], (ushort)queueCount);
        BinaryPrimitives.WriteUInt32LittleEndian(at[36..], MostSectors);
        BinaryPrimitives.WriteUInt32LittleEndian(at[40..], 1); // segments of a discard
        BinaryPrimitives.WriteUInt32LittleEndian(at[44..], 1u << PhysicalBlockExponent);
        BinaryPrimitives.WriteUInt32LittleEndian(at[48..], MostSectors);
        BinaryPrimitives.WriteUInt32LittleEndian(at[52..], 1); // segments of a write-zeroes
        at[56] = 1; // which may free
        return configuration;
    }

    public static void WriteCapacity(Span<byte> configuration, ulong diskBytes) =>
        BinaryPrimitives.WriteUInt64LittleEndian(configuration, diskBytes / BlockFormat.SectorBytes);
}
