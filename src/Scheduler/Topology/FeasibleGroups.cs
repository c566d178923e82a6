namespace Orchestrator.Scheduler.Topology;

/// <summary>The groups that have feasible hosts, and how many; for one decision.</summary>
internal sealed class FeasibleGroups
{
    private int[] _groups = [];
    private int[] _hosts = [];
    private int _count;

    public ReadOnlySpan<int> Groups => _groups.AsSpan(0, _count);

    /// <summary>For each of the groups, the number of its feasible hosts.</summary>
    public ReadOnlySpan<int> Hosts => _hosts.AsSpan(0, _count);

    public void Clear(int most)
    {
        if (_groups.Length < most) (_groups, _hosts) = (new int[most], new int[most]);
        _count = 0;
    }

    public void Add(int group, int hosts) => (_groups[_count], _hosts[_count++]) = (group, hosts);
}
