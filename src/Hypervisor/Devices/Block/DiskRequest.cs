using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Devices.Block;

internal enum DiskOperation
{
    Read,
    Write,

    /// <summary>What was written before its begin is durable at its end.</summary>
    Flush,

    /// <summary>The bytes are of no use any more.</summary>
    Discard,

    /// <summary>The bytes read as zeros afterwards.</summary>
    WriteZeroes,
}

/// <summary>
/// What a disk is asked to do, from the moment it has a slot of the host device. Made once and used again and again; a disk finishes it
/// with <see cref="Finish"/>, at once or later, on the loop's thread.
/// </summary>
internal abstract unsafe class DiskRequest : IRingTarget
{
    private readonly DeviceLoop _loop;
    private SlotTicket _ticket;

    protected DiskRequest(DeviceLoop loop, IDisk disk)
    {
        _loop = loop;
        Disk = disk;
        UserData = loop.Register(this);
        Cookie = loop.Disks.Register(this);
    }

    /// <summary>Exchanged only while it isn't begun.</summary>
    public IDisk Disk { get; set; }

    public DiskOperation Operation { get; protected set; }

    /// <summary>In bytes; never beyond the disk's end.</summary>
    public ulong Offset { get; protected set; }

    public ulong Bytes { get; protected set; }

    /// <summary>What of it is done, for disks that do it in parts.</summary>
    public ulong Done { get; set; }

    /// <summary>The guest's memory to read from or write to; a disk may use the array up.</summary>
    public IoVector* Vectors { get; protected set; }

    public int VectorCount { get; protected set; }

    /// <summary>For a disk's operation of io_uring, one at a time: its completion comes to <see cref="IDisk.Continue"/>.</summary>
    public ulong UserData { get; }

    public ulong Cookie { get; }

    /// <summary>Takes its slot to the disk.</summary>
    public void Begin(SlotTicket ticket)
    {
        _ticket = ticket;
        Done = 0;
        Disk.Begin(_loop, this);
    }

    public void Complete(int result) => Disk.Continue(_loop, this, result);

    /// <param name="error">0, or a positive errno.</param>
    public void Finish(int error)
    {
        _loop.Disks.Complete(_ticket);
        Finished(error);
    }

    public void Unregister()
    {
        _loop.Unregister(UserData);
        _loop.Disks.Unregister(Cookie);
    }

    protected abstract void Finished(int error);
}
