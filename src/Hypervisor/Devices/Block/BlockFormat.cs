namespace Orchestrator.Hypervisor.Devices.Block;

/// <summary>Numbers of the block device (Virtual I/O Device 1.2, section 5.2).</summary>
internal static class BlockFormat
{
    public const int SectorBytes = 512;
    public const int HeaderBytes = 16;
    public const int SegmentBytes = 16;
    public const int SerialBytes = 20;

    public const ulong SegmentLimit = 1 << 2;
    public const ulong ReadOnly = 1 << 5;
    public const ulong BlockSize = 1 << 6;
    public const ulong Flush = 1 << 9;
    public const ulong Topology = 1 << 10;
    public const ulong MultiQueue = 1 << 12;
    public const ulong Discard = 1 << 13;
    public const ulong WriteZeroes = 1 << 14;

    public const uint TypeIn = 0;
    public const uint TypeOut = 1;
    public const uint TypeFlush = 4;
    public const uint TypeGetId = 8;
    public const uint TypeDiscard = 11;
    public const uint TypeWriteZeroes = 13;

    public const byte StatusOk = 0;
    public const byte StatusError = 1;
    public const byte StatusUnsupported = 2;

    /// <summary>In a segment of write-zeroes: it may be freed.</summary>
    public const uint MayUnmap = 1;
}
