using System.Buffers.Binary;

namespace Orchestrator.Hypervisor.Devices.Network;

/// <summary>The frame that a device has copied out of its guest's memory, until the switch has taken it.</summary>
internal readonly record struct PendingFrame
{
    public const int ChecksumStartAt = 6;
    public const int ChecksumOffsetAt = 8;

    public bool IsThere { get; private init; }

    public ushort Head { get; private init; }

    /// <summary>Without the header.</summary>
    public int Bytes { get; private init; }

    /// <summary>Negative: the checksum is complete.</summary>
    public int ChecksumStart { get; private init; }

    public int ChecksumOffset { get; private init; }

    /// <summary>Segmentation was never offered, so whoever asks for it is not a driver.</summary>
    public bool IsSound { get; private init; }

    /// <summary>When its receiver first had no room; 0: it hasn't waited.</summary>
    public long WaitsSince { get; init; }

    public static PendingFrame Read(ushort head, ReadOnlySpan<byte> data)
    {
        var bytes = data.Length - NetworkFormat.HeaderBytes;
        var isPartial = (data[0] & NetworkFormat.NeedsChecksum) != 0;
        int start = BinaryPrimitives.ReadUInt16LittleEndian(data[ChecksumStartAt..]);
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(data[ChecksumOffsetAt..]);
        return new PendingFrame
        {
            IsThere = true,
            Head = head,
            Bytes = bytes,
            ChecksumStart = isPartial ? start : -1,
            ChecksumOffset = isPartial ? offset : 0,
            IsSound = data[1] == 0 && (!isPartial || PartialChecksum.Fits(bytes, start, offset)),
        };
    }
}
