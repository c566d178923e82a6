using Orchestrator.Scheduler;
using Orchestrator.Simulation.Quality;

namespace Orchestrator.Simulation.Load;

/// <summary>A cluster and what happens to it in so many milliseconds.</summary>
internal sealed record Scenario(IReadOnlyList<HostView> Hosts, IReadOnlyList<Arrival> Arrivals, long Within)
{
    private const int Samples = 240;

    public int Schedulers { get; init; } = 1;
    public bool Contending { get; init; }
    public int Faults { get; init; }
    public int Seed { get; init; }

    public static Scenario Standard(int hosts, int workloads, int minutes, int seed)
    {
        var within = minutes * 60_000L;
        return new([.. Enumerable.Range(0, hosts).Select(HostShapes.Make)], new StandardMix(seed).Make(workloads, within, lasting: false), within) { Seed = seed };
    }

    /// <summary>More than the hosts can take, none of which ends.</summary>
    public static Scenario Filling(int hosts, int seed) =>
        new([.. Enumerable.Range(0, hosts).Select(HostShapes.Make)], new StandardMix(seed).Make(hosts * 200, 1, lasting: true), 1) { Seed = seed };

    public Outcome Run(string profile)
    {
        var world = new World.Simulation(Profiles.Of(profile), Schedulers, Contending);
        foreach (var host in Hosts) world.Put(host);
        foreach (var arrival in Arrivals) world.Time.At(arrival.At, () => world.Submit(arrival));
        new Faults(world, Seed).Plan(Faults, Within);
        var samples = new List<Sample>();
        for (var at = 1; at <= Samples; at++) world.Time.At(Within * at / Samples, () => samples.Add(Sample.Of(world.Cluster, world.Time.Now)));
        world.Run(Within);
        return new Outcome(profile, samples, world.Figures);
    }

    /// <summary>How many workloads that never end are placed, one after the other, before the first that finds no room.</summary>
    public int Fill(string profile)
    {
        var settings = Profiles.Of(profile);
        var world = new World.Simulation(settings);
        foreach (var host in Hosts) world.Put(host);
        foreach (var arrival in Arrivals)
        {
            world.Submit(Alone(arrival));
            var plan = Planner.Plan(world.Cluster.Snapshot, [.. world.Cluster.Pending], settings);
            if (plan.Placements.Count == 0) return world.Cluster.Bound.Count;
            world.Bind(plan.Placements);
        }

        return world.Cluster.Bound.Count;
    }

    /// <summary>Without its group: it does not wait for others.</summary>
    private static Arrival Alone(Arrival arrival)
    {
        var traits = arrival.Workload.Traits;
        var labels = traits.Labels.Where(label => label.Key != WorkloadView.GroupLabel).ToValueList();
        return arrival with { Workload = arrival.Workload with { Traits = traits with { Labels = labels } } };
    }
}
