namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>Numbers of the protocol.</summary>
internal static class VhostFormat
{
    /// <summary>Request, flags, size: 32 bits each.</summary>
    public const int HeaderBytes = 12;
    public const int MostPayloadBytes = 512;
    public const int MostTableRegions = 8;
    public const int MostMemorySlots = 32;
    public const int MostConfigurationBytes = 256;

    public const uint VersionMask = 0x3;
    public const uint Version = 0x1;
    public const uint IsReply = 0x4;
    public const uint NeedsReply = 0x8;

    /// <summary>In a queue's addresses: what the device writes into the ring is to be logged.</summary>
    public const uint RingIsLogged = 1;

    /// <summary>In a message that should bring a descriptor: there is none.</summary>
    public const ulong WithoutDescriptor = 0x100;
}

/// <summary>Feature bits of rings and transport.</summary>
internal static class VhostFeatures
{
    public const ulong LogAll = 1UL << 26;
    public const ulong RingIndirect = 1UL << 28;
    public const ulong RingEventIndex = 1UL << 29;
    public const ulong Protocol = 1UL << 30;
    public const ulong Version1 = 1UL << 32;
    public const ulong RingPacked = 1UL << 34;

    /// <summary>What we offer beside the device's own.</summary>
    public static ulong OfferedTo(VhostPeer peer) =>
        LogAll | RingIndirect | RingEventIndex | Protocol | Version1 | (peer.TakesPackedRings ? RingPacked : 0);
}

/// <summary>Protocol feature bits.</summary>
internal static class VhostProtocolFeatures
{
    public const ulong MultiQueue = 1 << 0;
    public const ulong LogShared = 1 << 1;
    public const ulong ReplyAck = 1 << 3;
    public const ulong BackendChannel = 1 << 5;
    public const ulong Configuration = 1 << 9;
    public const ulong Inflight = 1 << 12;
    public const ulong ResetDevice = 1 << 13;
    public const ulong MemorySlots = 1 << 15;

    /// <summary>In-band notifications are not among them: with them User-Mode Linux would send every kick through the socket.</summary>
    public const ulong Offered =
        MultiQueue | LogShared | ReplyAck | BackendChannel | Configuration | Inflight | ResetDevice | MemorySlots;
}
