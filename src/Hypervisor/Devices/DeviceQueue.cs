using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Rings.Queues;

namespace Orchestrator.Hypervisor.Devices;

/// <summary>One queue of a device: the ring in the guest's memory, how the driver wakes the device, and how the device tells the driver.</summary>
internal sealed class DeviceQueue(VirtioDevice device, int index)
{
    public VirtioDevice Device { get; } = device;

    public int Index { get; } = index;

    /// <summary>None while the driver hasn't started the queue.</summary>
    public Virtqueue? Ring { get; private set; }

    public Kick? Kick { get; private set; }

    public Call? Call { get; set; }

    /// <summary>Told when the guest's memory was written while that is logged.</summary>
    public Call? LogCall { get; set; }

    /// <summary>Told when the queue breaks.</summary>
    public Call? Error { get; set; }

    /// <summary>The front-end may keep a started queue from being served.</summary>
    public bool IsEnabled { get; set; }

    /// <summary>Something outside (a slot of the host device, room at a receiver) must come free first.</summary>
    public bool IsStalled { get; set; }

    public bool IsServed => Ring is { Fault: QueueFault.None } && IsEnabled;

    public void Start(Virtqueue ring, Kick kick)
    {
        Ring = ring;
        Kick = kick;
        IsStalled = false;
        Device.Loop.Activate(Device);
    }

    /// <summary>Only when nothing of it is in flight.</summary>
    public void Stop()
    {
        Kick?.Stop();
        Kick = null;
        Ring = null;
    }

    /// <summary>Shows the driver what was completed, and tells it if it asks for that.</summary>
    public void Publish()
    {
        if (Ring is { } ring && ring.Publish())
        {
            Call?.Signal();
        }

        if (Ring?.Writes is { } writes && writes.TakeMarked())
        {
            LogCall?.Signal();
        }
    }
}
