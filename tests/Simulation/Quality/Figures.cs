namespace Orchestrator.Simulation.Quality;

/// <summary>What is counted while a simulation runs. Only the times of plans are the machine's; all else is the same in each run.</summary>
internal sealed class Figures
{
    private readonly List<double> _planSeconds = [];
    private readonly List<double> _decisionMicroseconds = [];
    private readonly List<double> _waited = [];
    private long _planned;

    public int Preempted { get; set; }

    /// <summary>Offers that a host refused, because the plan was made on an older view.</summary>
    public int Refused { get; set; }

    public int PlacedCount => _waited.Count;

    /// <summary>Milliseconds from the coming of a workload to its host.</summary>
    public IReadOnlyList<double> Waited => _waited;

    /// <summary>Microseconds that a plan took for each workload in it.</summary>
    public IReadOnlyList<double> DecisionMicroseconds => _decisionMicroseconds;

    public double DecisionsPerSecond => _planned / Math.Max(1e-9, _planSeconds.Sum());

    public void Planned(int workloads, TimeSpan took)
    {
        _planned += workloads;
        _planSeconds.Add(took.TotalSeconds);
        _decisionMicroseconds.Add(took.TotalMicroseconds / workloads);
    }

    public void Placed(long waited) => _waited.Add(waited);

    /// <summary>The value below which so many percent are; 0 of none.</summary>
    public static double Percentile(IReadOnlyList<double> values, double percent)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[(int)Math.Ceiling(percent / 100 * sorted.Length) is var rank and > 0 ? rank - 1 : 0];
    }
}
