namespace Orchestrator.Hypervisor.Rings.Queues;

/// <summary>What a guest has done to its own queue. The device stops; nothing else does.</summary>
internal enum QueueFault
{
    None,

    /// <summary>The ring isn't where the guest's memory is.</summary>
    RingOutsideMemory,
    RingUnaligned,
    SizeInvalid,

    /// <summary>A packed ring doesn't say by itself where it stands, and nobody else does.</summary>
    PositionUnknown,

    /// <summary>More new entries than the ring has.</summary>
    AvailIndexJumped,
    HeadOutOfRange,

    /// <summary>The same chain was made available again before it was used.</summary>
    HeadInFlight,
    NextOutOfRange,

    /// <summary>A chain goes on where its driver has offered nothing.</summary>
    NextUnavailable,

    /// <summary>More descriptors than the queue has: a loop, or as good as one.</summary>
    ChainTooLong,
    BufferEmpty,
    BufferOutsideMemory,

    /// <summary>4 GiB or more in one chain.</summary>
    BuffersTooLarge,

    /// <summary>What the device reads must come before what it writes.</summary>
    ReadableAfterWritable,
    IndirectNotNegotiated,
    IndirectWithNext,
    IndirectInIndirect,
    IndirectTableInvalid,

    /// <summary>The device found that a request can't be one of its own.</summary>
    RequestMalformed,

    /// <summary>An error of ours, which this guest has found.</summary>
    Bug,

    /// <summary>The owner of the guest's memory took pages away.</summary>
    MemoryTruncated,
}
