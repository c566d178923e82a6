namespace Orchestrator.Silo.Tests.Linearizability;

/// <summary>
/// What clients did and saw of one object whose value is the list of all writes that made it. Such a value tells its whole past, so the
/// check is short: every value that anybody saw is a beginning of the last one, what was acknowledged is in it once, what was refused is
/// not, and nobody read less than had been acknowledged or read before he asked.
/// </summary>
internal sealed class Histories(string name)
{
    private readonly Lock _gate = new();
    private readonly List<string> _acknowledged = [];
    private readonly List<string> _refused = [];
    private readonly List<string> _unknown = [];
    private readonly List<string[]> _seen = [];
    private int _longest;

    public int Acknowledged => _acknowledged.Count;
    public int Refused => _refused.Count;
    public int Unknown => _unknown.Count;

    /// <summary>How many writes a reader who asks now must find at least.</summary>
    public int Asked()
    {
        lock (_gate) return _longest;
    }

    public void Saw(string[] value, int atLeast)
    {
        lock (_gate)
        {
            Assert.True(value.Length >= atLeast, $"{name}: a read found {value.Length} writes after {atLeast} were known");
            _seen.Add(value);
            _longest = Math.Max(_longest, value.Length);
        }
    }

    public void Wrote(string[] value)
    {
        lock (_gate)
        {
            _acknowledged.Add(value[^1]);
            _seen.Add(value);
            _longest = Math.Max(_longest, value.Length);
        }
    }

    public void WasRefused(string write)
    {
        lock (_gate) _refused.Add(write);
    }

    public void MayHaveWritten(string write)
    {
        lock (_gate) _unknown.Add(write);
    }

    public void Check(string[] last)
    {
        Assert.Equal(last.Length, last.Distinct().Count());
        Assert.Empty(_acknowledged.Except(last));
        Assert.Empty(_refused.Intersect(last));
        Assert.Empty(last.Except(_acknowledged).Except(_unknown));
        Assert.All(_seen, value => Assert.Equal(last[..Math.Min(value.Length, last.Length)], value));
    }
}
