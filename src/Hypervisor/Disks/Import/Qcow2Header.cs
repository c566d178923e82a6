using System.Buffers.Binary;

namespace Orchestrator.Hypervisor.Disks.Import;

/// <summary>An image that can't be taken, in a user's words.</summary>
internal sealed class RefusedImageException(string message) : IOException(message);

/// <summary>
/// The head of a qcow2 file (QEMU's docs/interop/qcow2.txt), read for what must be refused before qemu-img sees it: an image that names
/// other files would make qemu-img read those, whosoever they are.
/// </summary>
internal sealed record Qcow2Header(uint Version, long DiskBytes)
{
    public const int Bytes = 104;
    private const int SectorBytes = 512;
    private const uint Magic = 0x5146_49FB;
    private const ulong ExternalDataFile = 1 << 2;

    /// <exception cref="RefusedImageException">It is none, names other files, or is larger than allowed.</exception>
    public static Qcow2Header Read(ReadOnlySpan<byte> head, long mostBytes)
    {
        if (head.Length < Bytes || BinaryPrimitives.ReadUInt32BigEndian(head) != Magic)
        {
            throw new RefusedImageException("the image is no qcow2 file");
        }

        var version = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        if (version is not (2 or 3))
        {
            throw new RefusedImageException($"the image has qcow2 version {version}, and 2 and 3 are known");
        }

        if (BinaryPrimitives.ReadUInt64BigEndian(head[8..]) != 0 || BinaryPrimitives.ReadUInt32BigEndian(head[16..]) != 0)
        {
            throw new RefusedImageException("the image stands on another (a backing file); flatten it before importing");
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(head[32..]) != 0)
        {
            throw new RefusedImageException("the image is encrypted");
        }

        if (version == 3 && (BinaryPrimitives.ReadUInt64BigEndian(head[72..]) & ExternalDataFile) != 0)
        {
            throw new RefusedImageException("the image keeps its data in another file");
        }

        var bytes = BinaryPrimitives.ReadUInt64BigEndian(head[24..]);
        return bytes != 0 && bytes <= (ulong)mostBytes
            ? new Qcow2Header(version, ((long)bytes + SectorBytes - 1) / SectorBytes * SectorBytes)
            : throw new RefusedImageException($"the image's disk has {bytes} bytes, and from 1 to {mostBytes} are allowed");
    }
}
