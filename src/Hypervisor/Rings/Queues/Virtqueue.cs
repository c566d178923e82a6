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
internal readonly record struct QueueFeatures(bool Indirect, bool EventIndex, bool Packed = false);

/// <summary>
/// The device's side of a virtqueue (Virtual I/O Device 1.2, section 2.6 to 2.8). One thread owns it. The guest may change every byte
/// of the ring at any moment, so each field is read once, checked, and used as it was read. Nothing is allocated a request. There are two
/// forms; what happens for each request is a comparison away from its form, what happens for a batch a virtual call.
/// </summary>
internal abstract unsafe class Virtqueue
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

    /// <summary>Where writes to the guest's memory are noted while it migrates; none costs a comparison.</summary>
    public WriteLog? Writes { get; set; }

    /// <summary>The length of what the device writes at <see cref="QueuePlace.Device"/>.</summary>
    public abstract ulong WrittenRingBytes { get; }

    /// <summary>The queue in the form that was agreed on, or what is wrong with its place.</summary>
    /// <param name="position">Where the device goes on, as far as the front-end knows; null if nobody knows but the record.</param>
    /// <param name="record">Of <see cref="RecordBytes"/>, as long as the queue; null to keep none.</param>
    public static Virtqueue? TryOpen(
        GuestMemory memory, QueuePlace place, QueueFeatures features, uint? position, byte* record, out QueueFault fault) => features.Packed
        ? PackedQueue.TryOpen(memory, place, features, position, record == null ? null : new PackedLog(record, place.Size), out fault)
        : SplitQueue.TryOpen(memory, place, features, position, record == null ? null : new InflightLog(record, place.Size), out fault);

    /// <summary>What it takes to remember the requests that a queue has in flight.</summary>
    public static ulong RecordBytes(int queueSize, bool isPacked) => isPacked ? PackedLog.BytesOf(queueSize) : InflightLog.BytesOf(queueSize);

    /// <summary>The next chain, in the order in which the driver made them available, with every address translated.</summary>
    public TakeResult Take(DescriptorChain chain)
    {
        var result = this is SplitQueue split ? split.TakeNext(chain) : ((PackedQueue)this).TakeNext(chain);
        if (Writes is not null && result is TakeResult.Taken)
        {
            Writes.Remember(chain);
        }

        return result;
    }

    /// <summary>Puts a chain among the used ones; the driver sees it with the next <see cref="Publish"/>.</summary>
    public void Complete(ushort head, uint writtenBytes)
    {
        if (this is SplitQueue split)
        {
            split.CompleteChain(head, writtenBytes);
        }
        else
        {
            ((PackedQueue)this).CompleteChain(head, writtenBytes);
        }

        Writes?.MarkChain(head);
    }

    /// <summary>Shows the driver all that was completed since the last time. True if it wants to be told.</summary>
    public bool Publish()
    {
        var isWanted = PublishBatch();
        Writes?.MarkPublished();
        return isWanted;
    }

    /// <summary>Asks the driver to kick. True if there is work already, which may come without a kick.</summary>
    public bool Listen()
    {
        var hasWork = AskForKicks();
        Writes?.MarkRing();
        return hasWork;
    }

    /// <summary>Kicks aren't needed for now: the device looks by itself.</summary>
    public void Ignore()
    {
        RefuseKicks();
        Writes?.MarkRing();
    }

    /// <summary>A taken chain that will never be completed: the queue is broken.</summary>
    public void Abandon() => InFlight--;

    public TakeResult Break(QueueFault fault)
    {
        Fault = Fault is QueueFault.None ? fault : Fault;
        return TakeResult.Broken;
    }

    protected abstract bool PublishBatch();

    protected abstract bool AskForKicks();

    protected abstract void RefuseKicks();
}
