namespace Orchestrator.Hypervisor.Rings.Queues;

/// <summary>Numbers of the packed queue (Virtual I/O Device 1.2, section 2.8).</summary>
internal static class PackedFormat
{
    public const int DescriptorBytes = 16;

    /// <summary>A descriptor is an address, and behind it length, id and flags in one word, read and written at once.</summary>
    public const int WordAt = 8;
    public const int IdAt = 12;
    public const int FlagsAt = 14;

    public const ushort HasNext = 1;
    public const ushort DeviceWrites = 2;
    public const ushort IsIndirect = 4;

    /// <summary>Each is compared with the wrap counter: available is the one that equals it and the other that doesn't; used, both that do.</summary>
    public const ushort IsAvailable = 1 << 7;
    public const ushort IsUsed = 1 << 15;

    /// <summary>A side's wish about the other's notifications: a position, and behind it when.</summary>
    public const int EventBytes = 4;
    public const uint Always = 0;
    public const uint Never = 1;
    public const uint AtPosition = 2;

    public static ushort FlagsOf(ulong word) => (ushort)(word >> 48);

    public static bool IsAvailableAt(ulong word, PackedPosition position) =>
        (FlagsOf(word) & (IsAvailable | IsUsed)) == (position.Wrap ? IsAvailable : IsUsed);

    /// <summary>Whether it was used in this lap; also if the driver has offered it again since.</summary>
    public static bool WasUsedAt(ulong word, PackedPosition position) => (FlagsOf(word) & IsUsed) != 0 == position.Wrap;
}
