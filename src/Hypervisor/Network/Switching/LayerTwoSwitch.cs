namespace Orchestrator.Hypervisor.Network.Switching;

/// <summary>What became of a frame.</summary>
internal enum Forwarding
{
    /// <summary>It went where it should, or was dropped and counted.</summary>
    Done,

    /// <summary>The sender has used its rate: it offers the frame again at the tick that it is told.</summary>
    Throttled,

    /// <summary>Its one receiver has no room. The sender may wait for it a little, or let the frame be dropped.</summary>
    NoRoom,
}

/// <summary>
/// An Ethernet switch between the guests of one host and its uplinks. A frame's way:
/// <code>
/// rate ─► is the sender who it says ─► an uplink's address is learned ─► one port, or all of the network but the sender's
/// </code>
/// A guest's address is known from its port's rules: it is never learned, so nobody can take it over, and what is for no known guest
/// goes to uplinks only, so no guest hears what is not for it. Pure but for the receivers' rings; time comes in as ticks; one thread owns it.
/// </summary>
internal sealed class LayerTwoSwitch
{
    public const int AgeSeconds = 300;

    private readonly long _ticksPerSecond;
    private readonly LearnedAddresses _learned;
    private readonly Dictionary<(uint Network, MacAddress Address), SwitchPort> _guests = [];
    private readonly Dictionary<uint, List<SwitchPort>> _networks = [];

    public LayerTwoSwitch(long ticksPerSecond)
    {
        _ticksPerSecond = ticksPerSecond;
        _learned = new LearnedAddresses(AgeSeconds * ticksPerSecond);
    }

    public int LearnedCount => _learned.Count;

    public bool HasGuest(uint network, MacAddress address) => _guests.ContainsKey((network, address));

    /// <exception cref="ArgumentException">The address is a group's, or another guest of the network has it.</exception>
    public SwitchPort Attach(PortRules rules, IFrameReceiver receiver, long now)
    {
        var port = new SwitchPort(rules, receiver, _ticksPerSecond, now);
        if (rules.Address is { } address && (address.IsGroup || !_guests.TryAdd((rules.NetworkId, address), port)))
        {
            throw new ArgumentException($"{address} can't be a guest's address in network {rules.NetworkId}, or is another's already", nameof(rules));
        }

        if (!_networks.TryGetValue(rules.NetworkId, out var ports))
        {
            _networks.Add(rules.NetworkId, ports = []);
        }

        ports.Add(port);
        return port;
    }

    public void Detach(SwitchPort port)
    {
        var ports = _networks[port.Rules.NetworkId];
        ports.Remove(port);
        if (ports.Count == 0)
        {
            _networks.Remove(port.Rules.NetworkId);
        }

        if (port.Rules.Address is { } address)
        {
            _guests.Remove((port.Rules.NetworkId, address));
        }

        _learned.ForgetPort(port);
    }

    /// <param name="insists">There was no room before, and the sender waits no longer: what has no room now is dropped.</param>
    /// <param name="readyAt">When throttled: when to offer it again.</param>
    /// <param name="receiver">Without room: the port that has none.</param>
    public Forwarding Forward(SwitchPort from, in Frame frame, bool insists, long now, out long readyAt, out SwitchPort? receiver)
    {
        receiver = null;
        readyAt = from.ReadyAt(frame.Bytes.Length, now);
        if (readyAt > now)
        {
            return Forwarding.Throttled;
        }

        if (SourceCheck.Judge(from.Rules, frame.Bytes) is { } wrong)
        {
            return Drop(from, from, frame, wrong);
        }

        var source = MacAddress.Read(frame.Bytes[MacAddress.Bytes..]);
        if (from.IsUplink && _guests.ContainsKey((from.Rules.NetworkId, source)))
        {
            return Drop(from, from, frame, FrameDrop.Spoofed);
        }

        if (from.IsUplink)
        {
            _learned.Hear(from, source, now);
        }

        var destination = MacAddress.Read(frame.Bytes);
        if (destination.IsLinkLocal)
        {
            return Drop(from, from, frame, FrameDrop.Nowhere);
        }

        if (destination.IsGroup)
        {
            return Flood(from, frame, toGuests: true);
        }

        receiver = _guests.GetValueOrDefault((from.Rules.NetworkId, destination)) ?? _learned.Find(from.Rules.NetworkId, destination, now);
        return
            receiver is null ? Flood(from, frame, toGuests: false) :
            receiver == from ? Drop(from, from, frame, FrameDrop.Nowhere) :
            Deliver(receiver, frame) ? Sent(from, frame) :
            insists ? Drop(from, receiver, frame, FrameDrop.NoRoom) :
            Forwarding.NoRoom;
    }

    private Forwarding Flood(SwitchPort from, in Frame frame, bool toGuests)
    {
        var any = false;
        foreach (var port in _networks[from.Rules.NetworkId])
        {
            if (port != from && (toGuests || port.IsUplink))
            {
                any = true;
                if (!Deliver(port, frame))
                {
                    port.CountDrop(FrameDrop.NoRoom);
                }
            }
        }

        return any ? Sent(from, frame) : Drop(from, from, frame, FrameDrop.Nowhere);
    }

    private static bool Deliver(SwitchPort to, in Frame frame)
    {
        if (!to.Receiver.TryReceive(frame))
        {
            return false;
        }

        to.CountReceived(frame.Bytes.Length);
        return true;
    }

    private static Forwarding Sent(SwitchPort from, in Frame frame)
    {
        from.CountSent(frame.Bytes.Length);
        return Forwarding.Done;
    }

    /// <summary>What is dropped has used the sender's rate as well.</summary>
    private static Forwarding Drop(SwitchPort from, SwitchPort at, in Frame frame, FrameDrop reason)
    {
        at.CountDrop(reason);
        return Sent(from, frame);
    }
}
