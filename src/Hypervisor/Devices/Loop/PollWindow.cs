namespace Orchestrator.Hypervisor.Devices.Loop;

/// <summary>
/// How long to look for work before going to sleep: waking up costs more than most requests take. It grows while the next work comes
/// soon after the last, shrinks when it doesn't, and never takes more than its part of one processor. Pure; times are ticks.
/// </summary>
internal sealed class PollWindow
{
    private const double LargestSeconds = 50e-6;
    private const double SmallestSeconds = 1e-6;
    private const double SavedSeconds = 2e-3;

    /// <summary>Of one processor's time.</summary>
    private const double LargestPart = 0.5;

    private readonly double _largest;
    private readonly double _smallest;
    private readonly double _saved;
    private double _window;
    private double _allowance;
    private long _refilledAt;
    private long _idleSince;
    private bool _isIdle;

    public PollWindow(long ticksPerSecond)
    {
        _largest = LargestSeconds * ticksPerSecond;
        _smallest = SmallestSeconds * ticksPerSecond;
        _saved = SavedSeconds * ticksPerSecond;
        _window = _smallest;
    }

    /// <summary>There was work, whether it was found by looking or came as a wake-up.</summary>
    public void Worked(long now)
    {
        if (!_isIdle)
        {
            return;
        }

        var gap = now - _idleSince;
        _isIdle = false;
        _allowance -= Math.Min(gap, _window);
        _window = gap <= _largest ? Math.Clamp(gap * 2, _window, _largest) : Math.Max(_smallest, _window / 2);
    }

    /// <summary>There is no work: whether to look again rather than sleep.</summary>
    public bool MayLookAgain(long now)
    {
        if (!_isIdle)
        {
            _isIdle = true;
            _idleSince = now;
            _allowance = Math.Min(_saved, _allowance + ((now - _refilledAt) * LargestPart));
            _refilledAt = now;
        }

        return now - _idleSince < Math.Min(_window, _allowance);
    }
}
