using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler;

/// <summary>The few best of many hosts: the larger order first, equal ones by name.</summary>
internal sealed class TopHosts(int capacity)
{
    private readonly List<(long Order, HostBlock Block, int Slot)> _hosts = new(capacity + 1);

    public void Offer(long order, HostBlock block, int slot)
    {
        if (_hosts.Count == capacity && !Before((order, block, slot), _hosts[^1])) return;
        var at = _hosts.Count;
        while (at > 0 && Before((order, block, slot), _hosts[at - 1])) at--;
        _hosts.Insert(at, (order, block, slot));
        if (_hosts.Count > capacity) _hosts.RemoveAt(capacity);
    }

    public IEnumerable<TResult> Select<TResult>(Func<HostBlock, int, TResult> make) =>
        _hosts.Select(host => make(host.Block, host.Slot));

    private static bool Before((long Order, HostBlock Block, int Slot) left, (long Order, HostBlock Block, int Slot) right) =>
        left.Order != right.Order
            ? left.Order > right.Order
            : string.CompareOrdinal(left.Block.Name(left.Slot), right.Block.Name(right.Slot)) < 0;
}
