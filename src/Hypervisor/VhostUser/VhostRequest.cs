namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>Front-end messages of vhost-user that we know (QEMU, docs/interop/vhost-user.rst).</summary>
internal enum VhostRequest : uint
{
    GetFeatures = 1,
    SetFeatures = 2,
    SetOwner = 3,
    ResetOwner = 4,
    SetMemoryTable = 5,
    SetLogBase = 6,
    SetLogCall = 7,
    SetQueueSize = 8,
    SetQueueAddresses = 9,
    SetQueueBase = 10,
    GetQueueBase = 11,
    SetQueueKick = 12,
    SetQueueCall = 13,
    SetQueueError = 14,
    GetProtocolFeatures = 15,
    SetProtocolFeatures = 16,
    GetQueueCount = 17,
    SetQueueEnable = 18,
    SetBackendChannel = 21,
    GetConfiguration = 24,
    SetConfiguration = 25,
    GetInflight = 31,
    SetInflight = 32,
    ResetDevice = 34,
    GetMostMemorySlots = 36,
    AddMemoryRegion = 37,
    RemoveMemoryRegion = 38,
}

/// <summary>Messages that a back-end sends on its own channel.</summary>
internal enum VhostBackendRequest : uint
{
    ConfigurationChanged = 2,
}

/// <summary>How long a message's payload may be and how many descriptors come with it.</summary>
internal readonly record struct VhostShape(int LeastBytes, int MostBytes, int LeastDescriptors = 0, int MostDescriptors = 0)
{
    private const int Number = 8;
    private const int QueueNumber = 8;

    /// <summary>Null for a message that we don't know.</summary>
    public static VhostShape? Of(VhostRequest request) => request switch
    {
        VhostRequest.GetFeatures or VhostRequest.SetOwner or VhostRequest.ResetOwner or VhostRequest.GetProtocolFeatures
            or VhostRequest.GetQueueCount or VhostRequest.ResetDevice or VhostRequest.GetMostMemorySlots => new(0, 0),
        VhostRequest.SetFeatures or VhostRequest.SetProtocolFeatures => new(Number, Number),
        VhostRequest.SetMemoryTable => new(8, 8 + (32 * VhostFormat.MostTableRegions), 0, VhostFormat.MostTableRegions),
        VhostRequest.SetLogBase => new(16, 16, 1, 1),
        VhostRequest.SetLogCall => new(0, Number, 1, 1),
        VhostRequest.SetQueueSize or VhostRequest.SetQueueBase or VhostRequest.GetQueueBase or VhostRequest.SetQueueEnable
            => new(QueueNumber, QueueNumber),
        VhostRequest.SetQueueAddresses => new(40, 40),
        VhostRequest.SetQueueKick or VhostRequest.SetQueueCall or VhostRequest.SetQueueError => new(Number, Number, 0, 1),
        VhostRequest.SetBackendChannel => new(0, Number, 1, 1),
        VhostRequest.GetConfiguration or VhostRequest.SetConfiguration => new(12, 12 + VhostFormat.MostConfigurationBytes),
        VhostRequest.GetInflight => new(20, 24),
        VhostRequest.SetInflight => new(20, 24, 1, 1),
        VhostRequest.AddMemoryRegion => new(40, 40, 1, 1),
        VhostRequest.RemoveMemoryRegion => new(40, 40, 0, 1),
        _ => null,
    };
}
