namespace Orchestrator.Hypervisor.Devices.Loop;

/// <summary>What is to happen later, on the loop's thread; few at any time.</summary>
internal sealed class LoopTimers
{
    private readonly PriorityQueue<Action, long> _queue = new();

    /// <summary>When the first is due; <see cref="long.MaxValue"/> if there is none.</summary>
    public long Next => _queue.TryPeek(out _, out var due) ? due : long.MaxValue;

    public void Add(long due, Action action) => _queue.Enqueue(action, due);

    public bool Run(long now)
    {
        var any = false;
        while (_queue.TryPeek(out var action, out var due) && due <= now)
        {
            _queue.Dequeue();
            action();
            any = true;
        }

        return any;
    }
}
