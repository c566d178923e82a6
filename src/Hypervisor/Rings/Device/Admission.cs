namespace Orchestrator.Hypervisor.Rings.Device;

internal enum AdmissionOutcome
{
    Admitted,

    /// <summary>No slot: the request waits where it is, in the guest's queue, until <see cref="DeviceRing.TryWake"/> names its domain.</summary>
    Busy,

    /// <summary>There may be a slot, but the domain has used its rate. It waits likewise.</summary>
    Throttled,
}

/// <summary>A slot and which of its uses: a completion that comes twice, or late, is told from the slot's next request.</summary>
internal readonly record struct SlotTicket(int Slot, uint Use);

/// <param name="ReadyAt">When throttled: the tick from which it is worth asking again.</param>
internal readonly record struct Admission(AdmissionOutcome Outcome, SlotTicket Ticket, long ReadyAt);

/// <summary>A request on its way to the device. The cookie is what the caller gave with it.</summary>
internal readonly record struct DeviceRequest(SlotTicket Ticket, RingMember Member, ulong Cookie, uint Bytes);
