namespace Orchestrator.Hypervisor.Network.Switching;

/// <summary>
/// Which uplink an address was last heard behind. Bounded a port: who floods addresses fills its own table, forgets nothing of others and
/// nothing that is in use. Old ones are forgotten when the given time says so.
/// </summary>
internal sealed class LearnedAddresses(long ageTicks)
{
    private readonly Dictionary<(uint Network, MacAddress Address), Entry> _entries = [];

    /// <summary>In the order in which they were last heard.</summary>
    private readonly LinkedList<Entry> _heard = new();

    public int Count => _entries.Count;

    public SwitchPort? Find(uint network, MacAddress address, long now)
    {
        Forget(now);
        return _entries.GetValueOrDefault((network, address))?.Port;
    }

    public void Hear(SwitchPort port, MacAddress address, long now)
    {
        Forget(now);
        if (_entries.TryGetValue((port.Rules.NetworkId, address), out var entry))
        {
            if (entry.Port == port)
            {
                entry.HeardAt = now;
                _heard.Remove(entry.Node);
                _heard.AddLast(entry.Node);
                return;
            }

            // It has moved: where it was, it isn't any more, whether or not there is room for it where it is.
            Remove(entry);
        }

        if (port.LearnedAddresses < port.Rules.MostAddresses)
        {
            entry = new Entry(port, port.Rules.NetworkId, address) { HeardAt = now };
            _entries.Add((port.Rules.NetworkId, address), entry);
            _heard.AddLast(entry.Node);
            port.LearnedAddresses++;
        }
    }

    public void ForgetPort(SwitchPort port)
    {
        foreach (var entry in _entries.Values.Where(entry => entry.Port == port).ToList())
        {
            Remove(entry);
        }
    }

    private void Forget(long now)
    {
        while (_heard.First is { Value: var oldest } && now - oldest.HeardAt >= ageTicks)
        {
            Remove(oldest);
        }
    }

    private void Remove(Entry entry)
    {
        entry.Port.LearnedAddresses--;
        _heard.Remove(entry.Node);
        _entries.Remove((entry.Network, entry.Address));
    }

    private sealed class Entry
    {
        public Entry(SwitchPort port, uint network, MacAddress address)
        {
            (Port, Network, Address) = (port, network, address);
            Node = new LinkedListNode<Entry>(this);
        }

        public SwitchPort Port { get; }

        public uint Network { get; }

        public MacAddress Address { get; }

        public long HeardAt { get; set; }

        public LinkedListNode<Entry> Node { get; }
    }
}
