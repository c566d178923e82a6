using System.Globalization;

namespace Orchestrator.Simulation.Quality;

/// <summary>What came of one scenario with one way of ranking.</summary>
internal sealed record Outcome(string Profile, IReadOnlyList<Sample> Samples, Figures Figures)
{
    /// <summary>Each figure's name and its value, in the order in which they are shown.</summary>
    public IEnumerable<(string Name, string Value)> Rows()
    {
        yield return ("workloads placed", Whole(Figures.PlacedCount));
        yield return ("waiting at the end", Whole(Samples[^1].Waiting));
        yield return ("CPU requested, mean", Percent(Samples.Average(sample => sample.CpuPercent)));
        yield return ("memory requested, mean", Percent(Samples.Average(sample => sample.MemoryPercent)));
        yield return ("fragmentation, mean", Percent(Samples.Average(sample => sample.Fragmentation)));
        yield return ("spread error, mean", Number(Samples.Average(sample => sample.SpreadError)));
        yield return ("preemptions", Whole(Figures.Preempted));
        yield return ("offers refused by hosts", Whole(Figures.Refused));
        yield return ("wait for a host, p50 / p99", $"{Seconds(Figures.Waited, 50)} / {Seconds(Figures.Waited, 99)}");
        yield return ("a decision, p50 / p99", $"{Microseconds(50)} / {Microseconds(99)}");
        yield return ("decisions a second", Whole(Figures.DecisionsPerSecond));
    }

    private string Microseconds(double percent) => $"{Whole(Figures.Percentile(Figures.DecisionMicroseconds, percent))} µs";

    private static string Seconds(IReadOnlyList<double> milliseconds, double percent) => $"{Number(Figures.Percentile(milliseconds, percent) / 1000)} s";

    private static string Percent(double value) => $"{value.ToString("0.0", CultureInfo.InvariantCulture)} %";

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Whole(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
