namespace Orchestrator.Benchmarks.Reporting;

/// <summary>Measured times in milliseconds.</summary>
public static class Samples
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public static double MillisecondsSince(long started) => TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
}
