using Orchestrator.Benchmarks.Placing;
using Orchestrator.Benchmarks.Reporting;
using Orchestrator.Benchmarks.Rest;
using Orchestrator.Benchmarks.Rings;
using Orchestrator.Benchmarks.Scheduler;
using Orchestrator.Benchmarks.Skeleton;

namespace Orchestrator.Benchmarks;

/// <summary>What can be measured: suites of named parts, of which a run may choose some.</summary>
internal static class Suites
{
    /// <summary>The parts that need a running cluster.</summary>
    public static readonly (string Name, Func<BenchCluster, IAsyncEnumerable<Figure>> Measure)[] Skeleton =
    [
        ("silo-start", SiloStart.MeasureAsync),
        ("idle-memory", IdleMemory.MeasureAsync),
        ("durable-creates", DurableCreates.MeasureAsync),
        ("pod-start", PodStart.MeasureAsync),
        ("machine-start", MachineStart.MeasureAsync),
    ];

    /// <summary>The scheduler alone: plans on snapshots of clusters that do not exist.</summary>
    public static readonly (string Name, Func<IEnumerable<Figure>> Measure)[] Scheduler =
    [
        ("throughput", Throughput.Measure),
        ("growth", Throughput.MeasureGrowth),
        ("latency", Latency.Measure),
        ("memory", SnapshotMemory.Measure),
        ("placement", PlacementQuality.Measure),
    ];

    /// <summary>The rings, the block back-end and the switch, without a guest: our own front-end is the load.</summary>
    public static readonly (string Name, Func<IEnumerable<Figure>> Measure)[] Rings =
    [
        ("ring", RingAlone.Measure),
        ("memory", BlockComparison.MeasureMemory),
        ("disk", BlockComparison.MeasureDisk),
        ("switch", SwitchComparison.Measure),
    ];

    /// <summary>The REST door and the store behind it, on a silo alone.</summary>
    public static readonly (string Name, Func<string, IAsyncEnumerable<Figure>> Measure)[] Api =
    [
        ("requests", Requests.MeasureAsync),
        ("reading", Reading.MeasureAsync),
        ("large-store", LargeStore.MeasureAsync),
    ];

    /// <summary>The whole of a silo, from a create to the binding.</summary>
    public static readonly (string Name, Func<string, IAsyncEnumerable<Figure>> Measure)[] Placing = [("path", WholePath.MeasureAsync)];

    public static string Usage => $"""
        usage: ./dev bench skeleton [{string.Join(" | ", Skeleton.Select(part => part.Name))}]…
               ./dev bench scheduler [{string.Join(" | ", Scheduler.Select(part => part.Name))}]…
               ./dev bench rings [{string.Join(" | ", Rings.Select(part => part.Name))}]…
               ./dev bench api [{string.Join(" | ", Api.Select(part => part.Name))}]…
               ./dev bench placing
        """;

    public static bool Knows<T>((string Name, T Measure)[] suite, string[] parts) => !parts.Except(suite.Select(part => part.Name)).Any();

    /// <summary>The parts that were asked for; all if none was.</summary>
    public static IEnumerable<T> Chosen<T>((string Name, T Measure)[] suite, string[] parts) =>
        suite.Where(part => parts.Length == 0 || parts.Contains(part.Name)).Select(part => part.Measure);
}
