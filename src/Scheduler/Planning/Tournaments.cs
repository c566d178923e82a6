using Orchestrator.Scheduler.Topology;

namespace Orchestrator.Scheduler.Planning;

/// <summary>
/// The best host of each group, kept while the orders of single hosts change. Each group has a tree of matches in which the higher order
/// goes on, of equal ones the earlier name; a changed host plays its matches again, one a level.
/// </summary>
internal sealed class Tournaments
{
    public const long Infeasible = -1;

    private readonly int[] _winners;
    private readonly int[] _feasible;

    public Tournaments(HostGroups groups)
    {
        Groups = groups;
        Orders = new long[groups.Slots.Length];
        _winners = new int[2 * groups.Slots.Length];
        _feasible = new int[groups.Count];
    }

    public HostGroups Groups { get; }

    /// <summary>By position. Written freely before <see cref="PlayAll"/>, afterwards only by <see cref="Set"/>.</summary>
    public long[] Orders { get; }

    /// <summary>How many hosts of the group are feasible.</summary>
    public int Feasible(int group) => _feasible[group];

    /// <summary>The position of the group's best host; its order tells whether it is feasible.</summary>
    public int Best(int group)
    {
        var start = Groups.Start[group];
        return Groups.Start[group + 1] - start == 1 ? start : _winners[2 * start + 1];
    }

    public void PlayAll()
    {
        for (var group = 0; group < _feasible.Length; group++)
        {
            var (start, size) = Range(group);
            _feasible[group] = 0;
            for (var at = 0; at < size; at++)
            {
                _winners[2 * start + size + at] = start + at;
                if (Orders[start + at] != Infeasible) _feasible[group]++;
            }

            for (var node = size - 1; node > 0; node--) Play(2 * start, node);
        }
    }

    public void Set(int position, long order)
    {
        var group = Groups.GroupOf[Groups.Slots[position]];
        var (start, size) = Range(group);
        _feasible[group] += (order != Infeasible ? 1 : 0) - (Orders[position] != Infeasible ? 1 : 0);
        Orders[position] = order;
        for (var node = (size + position - start) / 2; node > 0; node /= 2) Play(2 * start, node);
    }

    private (int Start, int Size) Range(int group) => (Groups.Start[group], Groups.Start[group + 1] - Groups.Start[group]);

    private void Play(int tree, int node)
    {
        var (left, right) = (_winners[tree + 2 * node], _winners[tree + 2 * node + 1]);
        var (leftOrder, rightOrder) = (Orders[left], Orders[right]);
        _winners[tree + node] = leftOrder > rightOrder || (leftOrder == rightOrder && left < right) ? left : right;
    }
}
