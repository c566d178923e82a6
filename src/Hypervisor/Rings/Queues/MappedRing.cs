using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.Rings.Queues;

/// <summary>How long the three parts of a queue are, and what their addresses are multiples of; a table of descriptors, of 16.</summary>
internal readonly record struct RingShape(ulong DescriptorBytes, ulong DriverBytes, ulong DeviceBytes, uint DriverAlignment, uint DeviceAlignment);

/// <summary>The three parts of a queue where we see them, each whole inside one region of the guest's memory.</summary>
internal readonly unsafe struct MappedRing
{
    private const uint DescriptorAlignment = 16;

    // What one of our accesses to a descriptor takes.
    private const uint OwnDescriptorAlignment = 8;

    private MappedRing(byte* descriptors, byte* driver, byte* device)
    {
        Descriptors = descriptors;
        Driver = driver;
        Device = device;
    }

    public byte* Descriptors { get; }

    public byte* Driver { get; }

    public byte* Device { get; }

    /// <summary>Null, and what is wrong with the place.</summary>
    public static MappedRing? Of(GuestMemory memory, QueuePlace place, RingShape shape, out QueueFault fault)
    {
        if (place.Descriptors % DescriptorAlignment != 0 || place.Driver % shape.DriverAlignment != 0 || place.Device % shape.DeviceAlignment != 0)
        {
            fault = QueueFault.RingUnaligned;
            return null;
        }

        var descriptors = memory.Translate(place.Descriptors, shape.DescriptorBytes);
        var driver = memory.Translate(place.Driver, shape.DriverBytes);
        var device = memory.Translate(place.Device, shape.DeviceBytes);

        // The guest's address may be aligned where the host's isn't: a region may begin anywhere.
        fault = descriptors == null || driver == null || device == null ? QueueFault.RingOutsideMemory
            : (nuint)descriptors % OwnDescriptorAlignment != 0 || (nuint)driver % shape.DriverAlignment != 0 || (nuint)device % shape.DeviceAlignment != 0
                ? QueueFault.RingUnaligned
            : QueueFault.None;
        return fault is QueueFault.None ? new MappedRing(descriptors, driver, device) : null;
    }
}
