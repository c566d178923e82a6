namespace Orchestrator.Simulation.World;

/// <summary>The only clock there is: it stands still until the next thing happens. What is due at one moment happens in the order in which it was planned.</summary>
internal sealed class Timeline
{
    private readonly PriorityQueue<Action, (long At, long Number)> _due = new();
    private long _number;

    /// <summary>Milliseconds since the beginning.</summary>
    public long Now { get; private set; }

    public void At(long when, Action what) => _due.Enqueue(what, (Math.Max(Now, when), _number++));

    public void After(long milliseconds, Action what) => At(Now + milliseconds, what);

    /// <summary>The next thing happens. False: nothing is due until then.</summary>
    public bool Step(long until)
    {
        if (!_due.TryPeek(out var what, out var when) || when.At > until) return false;
        _due.Dequeue();
        Now = when.At;
        what();
        return true;
    }
}
