using System.Globalization;
using Orchestrator.Benchmarks.Reporting;
using Orchestrator.Scheduler;

namespace Orchestrator.Benchmarks.Scheduler;

/// <summary>
/// The workloads of upstream's scheduler_perf with the same shapes, plan and snapshot only. The peer is upstream's own CI threshold for
/// the whole of its scheduler on much larger machines; the goal is ten times that.
/// </summary>
internal static class Throughput
{
    private const int TimesUpstream = 10;

    /// <param name="Name">Upstream's name.</param>
    /// <param name="Hosts">How many, in <paramref name="Zones"/> zones.</param>
    /// <param name="Zones">The zones.</param>
    /// <param name="Initial">The pods that are there before.</param>
    /// <param name="Measured">The pods that are measured.</param>
    /// <param name="Upstream">Upstream's threshold, pods a second.</param>
    private sealed record Shape(string Name, int Hosts, int Zones, Func<IEnumerable<WorkloadView>> Initial, Func<IEnumerable<WorkloadView>> Measured, double Upstream)
    {
        public double Goal { get; init; } = Upstream * TimesUpstream;

        public Action<PlannedCluster>? Churn { get; init; }

        public bool Preempts { get; init; }
    }

    private static readonly Shape[] Shapes =
    [
        new("SchedulingBasic", 5_000, 3, () => Series(1_000, Pods.Default), () => Series(10_000, Pods.Default), 680) { Goal = 20_000 },
        new("SchedulingNodeAffinity", 5_000, 1, () => Series(5_000, Pods.WithNodeAffinity), () => Series(10_000, Pods.WithNodeAffinity), 220),
        new("SchedulingPodAntiAffinity", 5_000, 1, () => Series(1_000, Pods.WithPodAntiAffinity), () => Series(2_000, Pods.WithPodAntiAffinity), 60),
        new("SchedulingPodAffinity", 5_000, 1, () => Series(5_000, Pods.WithPodAffinity), () => Series(5_000, Pods.WithPodAffinity), 35),
        new("SchedulingPreferredPodAffinity", 5_000, 1, () => Series(5_000, Pods.PreferringPodAffinity), () => Series(5_000, Pods.PreferringPodAffinity), 90),
        new("SchedulingPreferredPodAntiAffinity", 5_000, 1, () => Series(5_000, Pods.PreferringPodAntiAffinity), () => Series(5_000, Pods.PreferringPodAntiAffinity), 90),
        new("TopologySpreading", 5_000, 3, () => Series(5_000, Pods.Default), () => Series(5_000, at => Pods.Spreading(at, true)), 460),
        new("PreferredTopologySpreading", 5_000, 3, () => Series(5_000, Pods.Default), () => Series(5_000, at => Pods.Spreading(at, false)), 340),
        new("PreemptionAsync", 5_000, 3, () => Series(20_000, at => Pods.Sized(at, 900, 0)), () => Series(5_000, at => Pods.Sized(at, 3_000, 10)), 570) { Preempts = true },
        new("Unschedulable", 5_000, 3, () => Series(200, Pods.TooLarge), () => Series(10_000, Pods.Default), 590) { Churn = RetryTooLarge },
        new("MixedSchedulingBasePod", 5_000, 1, Mixed, () => Series(5_000, Pods.Default), 140),
        new("SchedulingWithMixedChurn", 5_000, 3, () => [], () => Series(10_000, Pods.Default), 710) { Churn = ChangeHosts },
        new("SchedulingDaemonset", 15_000, 3, () => [], () => Series(30_000, at => Pods.Daemon(at, 15_000)), 1_100),
    ];

    public static IEnumerable<Figure> Measure()
    {
        foreach (var shape in Shapes) yield return Measure(shape);
        foreach (var owners in new[] { 1, 100, 1_000 })
        {
            var shape = new Shape($"replicas of {owners.ToString("N0", CultureInfo.InvariantCulture)} owners, spread by default", 5_000, 3, () => [],
                () => Series(10_000, at => Pods.Replica(at, owners)), 0);
            yield return Measure(shape) with { Peer = null, PeerName = null, Goal = null };
        }
    }

    public static IEnumerable<Figure> MeasureGrowth()
    {
        foreach (var hosts in new[] { 100, 500, 1_000, 5_000, 10_000, 50_000 })
        {
            var pods = Math.Min(10_000, hosts * 30);
            var shape = new Shape("growth: SchedulingBasic", hosts, 3, () => [], () => Series(pods, Pods.Default), 0)
            {
                Goal = 5_000,
            };
            yield return Measure(shape) with { Peer = null, PeerName = null };
        }
    }

    private static Figure Measure(Shape shape)
    {
        // The first run compiles the code.
        Run(shape, int.MaxValue);
        var (pods, seconds) = Run(shape, int.MaxValue);
        return new Figure($"{shape.Name}, {shape.Hosts.ToString("N0", CultureInfo.InvariantCulture)} hosts", pods / seconds, "pods/s")
        {
            Peer = shape.Upstream,
            PeerName = "upstream's threshold",
            Goal = shape.Goal,
            HigherIsBetter = true,
        };
    }

    private static (int Pods, double Seconds) Run(Shape shape, int most)
    {
        var cluster = new PlannedCluster(shape.Hosts, shape.Zones);
        cluster.Run(shape.Initial().Take(most).ToList());
        var pods = shape.Measured().Take(most).Select(pod => pod with { Key = pod.Key with { Name = "measured-" + pod.Key.Name } }).ToList();
        GC.Collect();
        var before = cluster.Bound;
        var elapsed = shape.Preempts ? cluster.RunWithPreemption(pods) : cluster.Run(pods, shape.Churn);
        if (cluster.Bound - before != pods.Count) throw new InvalidOperationException($"{shape.Name}: {cluster.Bound - before} of {pods.Count} pods were placed");
        return (pods.Count, elapsed.TotalSeconds);
    }

    private static IEnumerable<WorkloadView> Series(int count, Func<int, WorkloadView> make) => Enumerable.Range(0, count).Select(make);

    private static IEnumerable<WorkloadView> Mixed()
    {
        Func<int, WorkloadView>[] kinds = [Pods.Default, Pods.WithPodAffinity, Pods.WithPodAntiAffinity, Pods.PreferringPodAffinity, Pods.PreferringPodAntiAffinity];
        return Series(10_000, at => kinds[at % kinds.Length](at));
    }

    /// <summary>What never fits is tried again with every batch, explanation and all.</summary>
    private static void RetryTooLarge(PlannedCluster cluster) => Planner.Plan(cluster.Snapshot, Series(200, Pods.TooLarge).ToList());

    /// <summary>Hosts are cordoned, labelled and back again while pods come.</summary>
    private static void ChangeHosts(PlannedCluster cluster)
    {
        for (var host = 0; host < 20; host++)
        {
            cluster.Touch(host * 37, view => view with { Unschedulable = !view.Unschedulable });
            cluster.Touch(host * 41, view => view with { Labels = [.. view.Labels.Take(6), new Label("turn", cluster.Bound.ToString(CultureInfo.InvariantCulture))] });
        }
    }
}
