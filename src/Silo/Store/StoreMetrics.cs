using System.Diagnostics.Metrics;

namespace Orchestrator.Silo.Store;

/// <summary>Figures of the write path.</summary>
internal sealed class StoreMetrics
{
    public const string MeterName = "Orchestrator.Store";

    private readonly Histogram<double> _commitSeconds;
    private readonly Histogram<int> _batchWrites;
    private readonly Counter<long> _writes;

    public StoreMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _commitSeconds = meter.CreateHistogram<double>("orchestrator.store.commit.duration", "s", "Time of one durable batch");
        _batchWrites = meter.CreateHistogram<int>("orchestrator.store.batch.writes", "{write}", "Writes committed together");
        _writes = meter.CreateCounter<long>("orchestrator.store.writes", "{write}", "Writes committed");
    }

    public void Committed(int writes, TimeSpan elapsed)
    {
        _commitSeconds.Record(elapsed.TotalSeconds);
        _batchWrites.Record(writes);
        _writes.Add(writes);
    }
}
