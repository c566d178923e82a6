namespace Orchestrator.Hypervisor.Disks.Layers;

/// <summary>How many requests that began before each commit still run: a place that one of them may write to is not given out again.</summary>
internal sealed class RunningRequests
{
    private readonly SortedDictionary<ulong, int> _running = [];

    /// <summary>The generation whose commit will be the first after the oldest request's beginning; the largest number if none runs.</summary>
    public ulong Oldest => _running.Count == 0 ? ulong.MaxValue : _running.First().Key;

    public void Begin(ulong generation) => _running[generation] = _running.GetValueOrDefault(generation) + 1;

    public void End(ulong generation)
    {
        if (--_running[generation] == 0)
        {
            _running.Remove(generation);
        }
    }
}
