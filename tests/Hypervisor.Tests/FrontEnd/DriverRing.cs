using Orchestrator.Hypervisor.Rings.Queues;

namespace Orchestrator.Hypervisor.Tests.FrontEnd;

/// <summary>A buffer as a driver offers it.</summary>
internal readonly record struct DriverBuffer(ulong Address, uint Length, bool DeviceWrites);

/// <summary>The driver's side of a virtqueue of either form.</summary>
internal abstract class DriverRing(SharedGuest guest, bool hasEventIndex, QueuePlace place)
{
    protected SharedGuest Guest => guest;

    protected bool HasEventIndex => hasEventIndex;

    public QueuePlace Place => place;

    public ushort Size => place.Size;

    /// <summary>Where the device begins in a new ring, as an engine says it.</summary>
    public abstract uint StartPosition { get; }

    public abstract int FreeDescriptors { get; }

    public static DriverRing Create(SharedGuest guest, ushort size, bool hasEventIndex, bool isPacked) =>
        isPacked ? new PackedDriverQueue(guest, size, hasEventIndex) : new DriverQueue(guest, size, hasEventIndex);

    /// <summary>Offers a chain; its name. It is the device's with the next <see cref="Expose"/>.</summary>
    public abstract ushort Add(params ReadOnlySpan<DriverBuffer> buffers);

    /// <summary>Offers a chain that stands in a table of its own; its name.</summary>
    public abstract ushort AddIndirect(ulong table, params ReadOnlySpan<DriverBuffer> buffers);

    /// <summary>Shows the device all that was offered. True if it wants a kick.</summary>
    public abstract bool Expose();

    /// <summary>The next used chain, and how much the device says that it wrote.</summary>
    public abstract bool TryCollect(out ushort head, out uint written);

    /// <summary>Asks to be told at the next used chain. True if there is one already.</summary>
    public abstract bool Listen();
}
