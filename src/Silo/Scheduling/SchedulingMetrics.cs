using System.Diagnostics.Metrics;

namespace Orchestrator.Silo.Scheduling;

/// <summary>Figures of the scheduler.</summary>
internal sealed class SchedulingMetrics
{
    public const string MeterName = "Orchestrator.Scheduling";

    private readonly Histogram<double> _passSeconds;
    private readonly Counter<long> _placed;
    private readonly Counter<long> _unplaced;
    private readonly Counter<long> _refused;

    public SchedulingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _passSeconds = meter.CreateHistogram<double>("orchestrator.scheduler.pass.duration", "s", "Time of one pass, binding included");
        _placed = meter.CreateCounter<long>("orchestrator.scheduler.placed", "{workload}", "Workloads that a pass found a host for");
        _unplaced = meter.CreateCounter<long>("orchestrator.scheduler.unplaced", "{workload}", "Workloads that a pass found no host for");
        _refused = meter.CreateCounter<long>("orchestrator.scheduler.refused", "{workload}", "Bindings that a host refused");
    }

    public void Passed(int placed, int unplaced, TimeSpan elapsed)
    {
        _passSeconds.Record(elapsed.TotalSeconds);
        _placed.Add(placed);
        _unplaced.Add(unplaced);
    }

    public void Refused() => _refused.Add(1);
}
