using CsCheck;

namespace Orchestrator.Scheduler.Tests.Properties;

/// <summary>What must hold of every preemption, checked by the reference's rules on the cluster without the victims.</summary>
public sealed class PreemptionProperties
{
    private static readonly Gen<(HostView[] Hosts, WorkloadView Workload)> Cases = Gen.Select(Clusters.Hosts, Clusters.Workload)
        .Select((hosts, workload) => (hosts, workload with { Priority = 10 }));

    [Fact]
    public void Victims_are_less_important_and_the_workload_fits_without_them_and_with_no_fewer() => Cases.Holds((hosts, workload) =>
    {
        var plan = Planner.Plan(ClusterSnapshot.Of(hosts).With(Neighbors.Namespaces), [workload]);
        foreach (var nomination in plan.Nominations)
        {
            Assert.Empty(plan.Placements);
            var host = hosts.Single(one => one.Name == nomination.Host);
            Assert.All(nomination.Victims, victim => Assert.True(victim.Priority < 10 && !victim.Traits.Terminating));
            Assert.True(Fits(hosts, workload, host, nomination.Victims), "it does not fit after all");
            foreach (var spared in nomination.Victims)
                Assert.False(Fits(hosts, workload, host, nomination.Victims.Where(victim => victim != spared)), $"{spared.Key.Name} ends in vain");
        }
    }, iter: 5_000);

    [Fact]
    public void Whoever_finds_no_victims_would_not_fit_without_all_of_them() => Cases.Holds((hosts, workload) =>
    {
        var plan = Planner.Plan(ClusterSnapshot.Of(hosts).With(Neighbors.Namespaces), [workload]);
        if (plan.Placements.Count + plan.Nominations.Count > 0) return;
        foreach (var host in hosts.Where(host => host.Residents.Count > 0))
            Assert.False(Fits(hosts, workload, host, host.Residents), $"on {host.Name} it would fit");
    }, iter: 5_000);

    /// <summary>By the reference: the host breaks no rule once these, and those that are ending, are gone from it.</summary>
    private static bool Fits(HostView[] hosts, WorkloadView workload, HostView host, IEnumerable<Resident> victims)
    {
        var gone = victims.Concat(host.Residents.Where(one => one.Traits.Terminating)).Select(one => one.Uid).ToHashSet();
        var left = host with
        {
            Residents = host.Residents.Where(one => !gone.Contains(one.Uid)).ToValueList(),
            Used = host.Residents.Where(one => gone.Contains(one.Uid)).Aggregate(host.Used, (used, one) => used - one.Requests),
        };
        var after = hosts.Select(one => one.Name == host.Name ? left : one).ToList();
        return !new Reference(after, Neighbors.Namespaces).BrokenRules(left, workload).Any();
    }
}
