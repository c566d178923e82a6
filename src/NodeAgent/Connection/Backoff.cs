namespace Orchestrator.NodeAgent.Connection;

/// <summary>Delays that double from <paramref name="first"/> to <paramref name="longest"/>, each spread over its upper half.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private int _failures;

    public int Failures => _failures;

    public TimeSpan Next()
    {
        var full = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 30)), longest.TotalMilliseconds);
        double share;
        lock (random) share = random.NextDouble();
        return TimeSpan.FromMilliseconds(full * (0.5 + (share / 2)));
    }

    public void Reset() => _failures = 0;
}
