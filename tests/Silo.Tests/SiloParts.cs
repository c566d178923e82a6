using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Networking;
using Orchestrator.Silo.Networking.Services;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Kinds;
using Orchestrator.Silo.Store;
using Orchestrator.Silo.Store.Memory;

namespace Orchestrator.Silo.Tests;

/// <summary>The silo's write and read path without Orleans and without doors, on a log in memory.</summary>
internal sealed class SiloParts : IDisposable
{
    private readonly Meters _meters = new();

    public SiloParts(MemoryRevisionLog.Disk? disk = null, int seed = 1)
    {
        Disk = disk ?? new MemoryRevisionLog.Disk();
        Sequencer = new Sequencer(new MemoryRevisionLog(Disk), Cache, new StoreMetrics(_meters), Time, NullLogger<Sequencer>.Instance);
        Pipeline = new ObjectPipeline(Cache, Sequencer, new KindStrategies(), new ServiceAddresses(Cache, Options.Create(new NetworkOptions())), new ObjectNames(new Random(seed)), Time);
        Reader = new ObjectReader(Cache);
        Editor = new ObjectEditor(Cache, Sequencer);
    }

    public MemoryRevisionLog.Disk Disk { get; }
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    public ObjectCache Cache { get; } = new();
    public Sequencer Sequencer { get; }
    public ObjectPipeline Pipeline { get; }
    public ObjectReader Reader { get; }
    public ObjectEditor Editor { get; }

    public void Dispose()
    {
        Sequencer.Dispose();
        _meters.Dispose();
    }

    private sealed class Meters : IMeterFactory
    {
        private readonly List<Meter> _made = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _made.Add(meter);
            return meter;
        }

        public void Dispose() => _made.ForEach(meter => meter.Dispose());
    }
}
