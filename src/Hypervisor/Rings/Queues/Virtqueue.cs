using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.Rings.Queues;

internal enum TakeResult
{
    Empty,
    Taken,

    /// <summary>See <see cref="Virtqueue.Fault"/>; there is no way back but a new queue.</summary>
    Broken,
}

/// <summary>Where a queue is, as the front-end has set it up. Addresses are the guest's.</summary>
internal readonly record struct QueuePlace(ushort Size, ulong Descriptors, ulong Driver, ulong Device);

/// <summary>What of the queue's features the driver has accepted.</summary>
internal readonly record struct QueueFeatures(bool Indirect, bool EventIndex);

/// <summary>
/// The device's side of a virtqueue (Virtual I/O Device 1.2, section 2.6 to 2.8). One thread owns it. The guest may change every byte
/// of the ring at any moment, so each field is read once, checked, and used as it was read. Nothing is allocated a request.
/// </summary>
internal abstract class Virtqueue
{
    public const int LargestSize = 1024;

    protected Virtqueue(GuestMemory memory, ushort size)
    {
        Memory = memory;
        Size = size;
    }

    public GuestMemory Memory { get; }

    public ushort Size { get; }

    public QueueFault Fault { get; private set; }

    /// <summary>Chains taken and not yet completed.</summary>
    public int InFlight { get; protected set; }

    /// <summary>Where the device goes on: what a front-end is told when it stops the queue, and gives back when it starts it again.</summary>
    public abstract uint Position { get; }

    /// <summary>Whether the driver has made a chain available that isn't taken yet.</summary>
    public abstract bool HasWork { get; }

    /// <summary>The next chain, in the order in which the driver made them available, with every address translated.</summary>
    public abstract TakeResult Take(DescriptorChain chain);

    /// <summary>Puts a chain among the used ones; the driver sees it with the next <see cref="Publish"/>.</summary>
    public abstract void Complete(ushort head, uint writtenBytes);

    /// <summary>Shows the driver all that was completed since the last time. True if it wants to be told.</summary>
    public abstract bool Publish();

    /// <summary>Asks the driver to kick. True if there is work already, which may come without a kick.</summary>
    public abstract bool Listen();

    /// <summary>Kicks aren't needed for now: the device looks by itself.</summary>
    public abstract void Ignore();

    /// <summary>A taken chain that will never be completed: the queue is broken.</summary>
    public void Abandon() => InFlight--;

    public TakeResult Break(QueueFault fault)
    {
        Fault = Fault is QueueFault.None ? fault : Fault;
        return TakeResult.Broken;
    }
}
