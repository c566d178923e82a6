namespace Orchestrator.Hypervisor.Rings.Device;

/// <summary>
/// Divides a ring's slots by weight among the domains that asked within the last <c>window</c>. Who is below its share may take any free
/// slot; who is above it, only one that no active domain's unused share needs. So a domain alone has the whole ring, a flooding one
/// never has another's share, and every share is at least one slot.
/// </summary>
internal sealed class SlotShares
{
    private readonly int _slots;
    private readonly long _window;

    /// <summary>The one that asked longest ago first.</summary>
    private readonly LinkedList<RingMember> _active = new();
    private long _weights;
    private int _unused;

    public SlotShares(int slots, long window)
    {
        _slots = slots;
        _window = window;
        Free = slots;
    }

    public int Free { get; private set; }

    public bool MayTake(RingMember member) => Free > 0 && (member.SlotsInUse < member.Share || Free > _unused);

    /// <summary>The domain asks: it is active from now on.</summary>
    public void Touch(RingMember member, long now)
    {
        Expire(now);
        member.LastAskedAt = now;
        if (member.IsActive)
        {
            MoveLast(member);
        }
        else
        {
            _active.AddLast(member.ActiveNode);
            _weights += member.Weight;
            Divide();
        }
    }

    public void Take(RingMember member)
    {
        _unused -= member.Unused;
        member.SlotsInUse++;
        Free--;
        _unused += member.Unused;
    }

    public void Return(RingMember member)
    {
        _unused -= member.Unused;
        member.SlotsInUse--;
        Free++;
        _unused += member.Unused;
    }

    public void Leave(RingMember member)
    {
        if (member.IsActive)
        {
            Deactivate(member);
            Divide();
        }
    }

    /// <summary>Ends the activity of those who asked too long ago, unless they still have or want a slot.</summary>
    public void Expire(long now)
    {
        var gone = false;
        while (_active.First is { Value: var oldest } && now - oldest.LastAskedAt >= _window)
        {
            if (oldest.SlotsInUse > 0 || oldest.WaitingNode.List is not null)
            {
                oldest.LastAskedAt = now;
                MoveLast(oldest);
            }
            else
            {
                Deactivate(oldest);
                gone = true;
            }
        }

        if (gone)
        {
            Divide();
        }
    }

    private void MoveLast(RingMember member)
    {
        if (_active.Last != member.ActiveNode)
        {
            _active.Remove(member.ActiveNode);
            _active.AddLast(member.ActiveNode);
        }
    }

    private void Deactivate(RingMember member)
    {
        _active.Remove(member.ActiveNode);
        _weights -= member.Weight;
        member.Share = 0;
    }

    /// <summary>One slot each, and the rest by weight, rounded down: together never more than there are.</summary>
    private void Divide()
    {
        _unused = 0;
        for (var node = _active.First; node is not null; node = node.Next)
        {
            var member = node.Value;
            member.Share = 1 + (int)((long)(_slots - _active.Count) * member.Weight / _weights);
            _unused += member.Unused;
        }
    }
}
