using System.Diagnostics;
using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Devices.Loop;

/// <summary>
/// The way of every disk request of a loop: through the device ring, where domains share slots and are held to their rates, to its disk.
/// </summary>
internal sealed class DiskDispatch(DeviceLoop loop, DeviceRingSize size)
{
    private readonly DeviceRing _ring = new(size);
    private readonly List<DiskRequest?> _requests = [];
    private readonly Stack<int> _free = new();
    private readonly Dictionary<RingMember, VirtioDevice> _devices = [];

    /// <summary>When a device that waits for its rate may go on, in ticks.</summary>
    public long NextReadyAt => _ring.NextReadyAt;

    /// <summary>The ring itself, for its figures.</summary>
    public DeviceRing Ring => _ring;

    public RingMember Attach(VirtioDevice device, DomainLimits limits)
    {
        var member = _ring.Attach(limits, Stopwatch.GetTimestamp());
        _devices.Add(member, device);
        return member;
    }

    public void Detach(RingMember member)
    {
        _ring.Detach(member);
        _devices.Remove(member);
    }

    /// <summary>Gives the request its name at the ring, for good.</summary>
    public ulong Register(DiskRequest request)
    {
        if (_free.TryPop(out var index))
        {
            _requests[index] = request;
            return (ulong)index;
        }

        _requests.Add(request);
        return (ulong)(_requests.Count - 1);
    }

    public void Unregister(ulong cookie)
    {
        _requests[(int)cookie] = null;
        _free.Push((int)cookie);
    }

    /// <summary>False if it has to wait: its device is activated when it is worth asking again.</summary>
    public bool TryAdmit(RingMember member, DiskRequest request) =>
        _ring.Admit(member, (uint)Math.Min(uint.MaxValue, request.Bytes), request.Cookie, loop.Now).Outcome is AdmissionOutcome.Admitted;

    /// <summary>Hands requests to their disks. True if there was any, or a device that may go on.</summary>
    public bool Dispatch()
    {
        var any = false;
        while (_ring.TryTake(loop.Now, out var taken))
        {
            any = true;
            _requests[(int)taken.Cookie]!.Begin(taken.Ticket);
        }

        if (_ring.TryWake(loop.Now, out var member))
        {
            any = true;
            _devices[member].Unstall();
        }

        return any;
    }

    public void Complete(SlotTicket ticket) => _ring.Complete(ticket, Stopwatch.GetTimestamp());
}
