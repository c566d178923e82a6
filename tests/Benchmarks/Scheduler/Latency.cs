using Orchestrator.Benchmarks.Reporting;

namespace Orchestrator.Benchmarks.Scheduler;

/// <summary>One pod at a time on 5,000 hosts: how long a decision takes that no batch shares.</summary>
internal static class Latency
{
    private const int Decisions = 2_000;
    private const double GoalMilliseconds = 5;

    public static IEnumerable<Figure> Measure()
    {
        foreach (var (name, pod) in new (string, Func<int, Orchestrator.Scheduler.WorkloadView>)[]
        {
            ("pod-default", Pods.Default), ("pod-with-pod-anti-affinity", Pods.WithPodAntiAffinity), ("pod-with-topology-spreading", at => Pods.Spreading(at, true)),
            ("replica, spread by default", at => Pods.Replica(at, 10)),
        })
        {
            var cluster = new PlannedCluster(5_000, 3);
            for (var at = 0; at < 200; at++) cluster.Decide(pod(at));
            var times = Enumerable.Range(200, Decisions).Select(at => cluster.Decide(pod(at)).TotalMilliseconds).Order().ToArray();
            yield return new Figure($"one decision on 5,000 hosts, {name}, median", times[Decisions / 2], "ms");
            yield return new Figure($"one decision on 5,000 hosts, {name}, p99", times[Decisions * 99 / 100], "ms") { Goal = GoalMilliseconds };
        }
    }
}
