using System.Numerics;

namespace Orchestrator.Hypervisor.Rings.Device;

/// <summary>
/// dom0's own ring to a host device: a bounded number of slots, first come, first served over all domains.
/// <code>
///              Admit                 TryTake                Complete
///  guest's queue ──► slot, in line ──────────► the device ──────────► free
///      ▲   │ Busy: no slot, or only other domains' shares
///      │   │ Throttled: the domain's rate is used up
///      └───┴── waits, until TryWake names the domain
/// </code>
/// A rate is held at the door and not in the line, so nothing in a slot ever waits for anything but the device, and one domain's rate
/// delays nobody else. What a domain is admitted in some order the device gets in that order; it may finish in any.
/// <para>
/// Pure: time comes in as ticks, and one thread owns it all (docs/adr/0012). Nothing is allocated after <see cref="Attach"/>.
/// </para>
/// </summary>
internal sealed class DeviceRing
{
    public const int MostSlots = 1 << 16;

    private readonly DeviceRingSize _size;
    private readonly Slot[] _slots;
    private readonly int[] _free;
    private readonly int[] _line;
    private readonly SlotShares _shares;
    private readonly LinkedList<RingMember> _busy = new();
    private readonly LinkedList<RingMember> _throttled = new();
    private uint _first;
    private uint _end;
    private int _atDevice;
    private int _members;

    public DeviceRing(DeviceRingSize size)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(BitOperations.IsPow2(size.Slots) && size.Slots <= MostSlots, true, nameof(size));
        ArgumentOutOfRangeException.ThrowIfNotEqual(Math.Clamp(size.Depth, 1, size.Slots), size.Depth, nameof(size));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size.TicksPerSecond, nameof(size));
        _size = size;
        _slots = new Slot[size.Slots];
        _line = new int[size.Slots];
        _free = [.. Enumerable.Range(0, size.Slots).Reverse()];
        _shares = new SlotShares(size.Slots, size.ActiveTicks);
    }

    public int Slots => _slots.Length;

    public int SlotsInUse => _slots.Length - _shares.Free;

    /// <summary>Requests that have a slot and that the device doesn't have yet.</summary>
    public int InLine => (int)(_end - _first);

    /// <summary>When the next throttled domain may ask again; <see cref="long.MaxValue"/> if none waits for its rate.</summary>
    public long NextReadyAt { get; private set; } = long.MaxValue;

    /// <exception cref="InvalidOperationException">More domains than slots: not each could have one.</exception>
    public RingMember Attach(DomainLimits limits, long now)
    {
        if (_members == _slots.Length)
        {
            throw new InvalidOperationException($"the ring has {_slots.Length} slots and serves as many domains already");
        }

        var member = new RingMember(this, limits, _size.TicksPerSecond, now);
        _members++;
        return member;
    }

    /// <summary>
    /// Drops what the domain has in line; what is at the device keeps its slot until it completes, for the device still works on it.
    /// </summary>
    public void Detach(RingMember member)
    {
        Check(member);
        var (first, end) = (_first, _end);
        _end = first;
        for (var at = first; at != end; at++)
        {
            var index = _line[at & (_line.Length - 1)];
            if (_slots[index].Member == member)
            {
                Free(index);
            }
            else
            {
                _line[_end++ & (_line.Length - 1)] = index;
            }
        }

        StopWaiting(member);
        _shares.Leave(member);
        member.Ring = null;
        _members--;
    }

    public Admission Admit(RingMember member, uint bytes, ulong cookie, long now)
    {
        Check(member);
        _shares.Touch(member, now);
        if (!_shares.MayTake(member))
        {
            member.BusyCount++;
            Wait(member, _busy);
            return new Admission(AdmissionOutcome.Busy, default, 0);
        }

        if (!member.IsReady(bytes, now))
        {
            member.ThrottledCount++;
            Wait(member, _throttled);
            NextReadyAt = Math.Min(NextReadyAt, member.ReadyAt);
            return new Admission(AdmissionOutcome.Throttled, default, member.ReadyAt);
        }

        StopWaiting(member);
        member.Spend(bytes);
        var index = _free[_shares.Free - 1];
        _shares.Take(member);
        ref var slot = ref _slots[index];
        slot.Member = member;
        slot.Bytes = bytes;
        slot.Cookie = cookie;
        slot.Since = now;
        _line[_end++ & (_line.Length - 1)] = index;
        return new Admission(AdmissionOutcome.Admitted, new SlotTicket(index, slot.Use), 0);
    }

    /// <summary>The next request for the device, in the order of admission, unless the device has as many as it shall have at once.</summary>
    public bool TryTake(long now, out DeviceRequest request)
    {
        if (_first == _end || _atDevice == _size.Depth)
        {
            request = default;
            return false;
        }

        var index = _line[_first++ & (_line.Length - 1)];
        ref var slot = ref _slots[index];
        slot.Member!.QueueTime.Add(now - slot.Since);
        slot.Since = now;
        slot.IsAtDevice = true;
        _atDevice++;
        request = new DeviceRequest(new SlotTicket(index, slot.Use), slot.Member, slot.Cookie, slot.Bytes);
        return true;
    }

    /// <summary>The device has finished a request; its slot is free.</summary>
    /// <exception cref="ArgumentException">It isn't at the device (any more).</exception>
    public void Complete(SlotTicket ticket, long now)
    {
        if ((uint)ticket.Slot >= (uint)_slots.Length || _slots[ticket.Slot] is not { IsAtDevice: true } slot || slot.Use != ticket.Use)
        {
            throw new ArgumentException($"{ticket} is not at the device", nameof(ticket));
        }

        slot.Member!.ServiceTime.Add(now - slot.Since);
        slot.Member.Count(slot.Bytes);
        _atDevice--;
        Free(ticket.Slot);
    }

    /// <summary>
    /// The next domain whose requests waited and of which one may be admitted now. Ask again after it has been served: the one that was
    /// told Busy first comes first.
    /// </summary>
    public bool TryWake(long now, out RingMember member)
    {
        _shares.Expire(now);
        for (var node = _busy.First; node is not null && _shares.Free > 0; node = node.Next)
        {
            if (_shares.MayTake(node.Value))
            {
                member = node.Value;
                _busy.Remove(node);
                return true;
            }
        }

        return TryWakeThrottled(now, out member);
    }

    private bool TryWakeThrottled(long now, out RingMember member)
    {
        member = null!;
        if (now < NextReadyAt)
        {
            return false;
        }

        NextReadyAt = long.MaxValue;
        for (var node = _throttled.First; node is not null; node = node.Next)
        {
            if (member is null && node.Value.ReadyAt <= now)
            {
                member = node.Value;
            }
            else
            {
                NextReadyAt = Math.Min(NextReadyAt, node.Value.ReadyAt);
            }
        }

        if (member is null)
        {
            return false;
        }

        _throttled.Remove(member.WaitingNode);
        return true;
    }

    private static void Wait(RingMember member, LinkedList<RingMember> list)
    {
        // Who waits already keeps its place.
        if (member.WaitingNode.List != list)
        {
            StopWaiting(member);
            list.AddLast(member.WaitingNode);
        }
    }

    private static void StopWaiting(RingMember member) => member.WaitingNode.List?.Remove(member.WaitingNode);

    private void Free(int index)
    {
        ref var slot = ref _slots[index];
        _shares.Return(slot.Member!);
        slot.Member = null;
        slot.IsAtDevice = false;
        slot.Use++;
        _free[_shares.Free - 1] = index;
    }

    private void Check(RingMember member)
    {
        if (member.Ring != this)
        {
            throw new ArgumentException("the domain is not attached to this ring", nameof(member));
        }
    }

    private struct Slot
    {
        public RingMember? Member;
        public ulong Cookie;
        public long Since;
        public uint Bytes;
        public uint Use;
        public bool IsAtDevice;
    }
}
