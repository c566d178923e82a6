using Orchestrator.Hypervisor.Network.Switching;

namespace Orchestrator.Hypervisor.Tests.Network;

/// <summary>A station: what a port's receiver got.</summary>
internal sealed class Station : IFrameReceiver
{
    public List<byte[]> Received { get; } = [];

    public bool HasRoom { get; set; } = true;

    public bool TryReceive(in Frame frame)
    {
        if (HasRoom)
        {
            Received.Add(frame.Bytes.ToArray());
        }

        return HasRoom;
    }
}

/// <summary>Who must hear a frame, from the whole history of what was sent: slow, and without a table.</summary>
internal sealed class SwitchModel(long ageTicks)
{
    public sealed record Port(int Number, PortRules Rules, Station Station);

    private readonly List<(Port Port, ulong Address, long At)> _heard = [];

    public List<Port> Ports { get; } = [];

    public IReadOnlyList<Port> Receivers(Port from, ulong source, ulong destination, long now)
    {
        var network = Ports.Where(port => port.Rules.NetworkId == from.Rules.NetworkId).ToList();
        var owner = network.Find(port => port.Rules.Address?.Value == source);
        if ((source >> 40 & 1) == 1 || (from.Rules.Address is { } own ? own.Value != source : owner is not null))
        {
            return [];
        }

        if (from.Rules.Address is null)
        {
            Hear(from, source, now);
        }

        if ((destination & ~0xFUL) == 0x0180_C200_0000)
        {
            return [];
        }

        if ((destination >> 40 & 1) == 1)
        {
            return [.. network.Where(port => port != from)];
        }

        var guest = network.Find(port => port.Rules.Address?.Value == destination);
        var receiver = guest ?? Known(now).Find(one => one.Address == destination && one.Port.Rules.NetworkId == from.Rules.NetworkId).Port;
        return receiver is null
            ? [.. network.Where(port => port != from && port.Rules.Address is null)]
            : [.. network.Where(port => port == receiver && port != from)];
    }

    public void Detach(Port port)
    {
        Ports.Remove(port);
        _heard.RemoveAll(one => one.Port == port);
    }

    /// <summary>The latest word of each address of a network, if it isn't too old.</summary>
    public List<(Port Port, ulong Address, long At)> Known(long now) =>
        [.. _heard.Where(one => now - one.At < ageTicks)];

    private void Hear(Port port, ulong address, long now)
    {
        var known = Known(now);
        var isKnownHere = known.Exists(one => one.Address == address && one.Port == port);
        var room = known.Count(one => one.Port == port) < port.Rules.MostAddresses;
        _heard.RemoveAll(one => one.Address == address && one.Port.Rules.NetworkId == port.Rules.NetworkId);
        if (isKnownHere || room)
        {
            _heard.Add((port, address, now));
        }
    }
}
