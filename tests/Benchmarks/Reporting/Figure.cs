namespace Orchestrator.Benchmarks.Reporting;

/// <summary>
/// One measured figure. <see cref="Peer"/> is the same work without us, measured in the same run, in the same unit;
/// <see cref="Goal"/> is what the value shall stay below, or reach where <see cref="HigherIsBetter"/>.
/// </summary>
public sealed record Figure(string Name, double Value, string Unit)
{
    public double? Peer { get; init; }
    public string? PeerName { get; init; }
    public double? Goal { get; init; }
    public bool HigherIsBetter { get; init; }

    public double? Ratio => Peer is > 0 ? Value / Peer : null;

    public bool? Met => Goal is { } goal ? (HigherIsBetter ? Value >= goal : Value <= goal) : null;
}
