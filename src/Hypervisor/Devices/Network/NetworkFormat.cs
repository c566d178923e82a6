namespace Orchestrator.Hypervisor.Devices.Network;

/// <summary>Numbers of the network device (Virtual I/O Device 1.2, section 5.1).</summary>
internal static class NetworkFormat
{
    /// <summary>Before each frame, with its last field (how many buffers the frame takes) always there.</summary>
    public const int HeaderBytes = 12;
    public const int BufferCountAt = 10;

    public const ulong PartialChecksums = 1 << 0;
    public const ulong GuestPartialChecksums = 1 << 1;
    public const ulong LargestFrame = 1 << 3;
    public const ulong Address = 1 << 5;
    public const ulong MergeableBuffers = 1 << 15;
    public const ulong Status = 1 << 16;

    /// <summary>In a header's flags: the sender left a checksum to be made.</summary>
    public const byte NeedsChecksum = 1;

    public const ushort LinkUp = 1;

    /// <summary>What a frame carries, and with Ethernet's header the longest frame.</summary>
    public const int PayloadBytes = 1500;
    public const int MostFrameBytes = PayloadBytes + 14;
}
