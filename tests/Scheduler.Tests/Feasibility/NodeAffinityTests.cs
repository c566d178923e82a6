using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Feasibility;

public sealed class NodeAffinityTests
{
    [Theory]
    [InlineData("zone=antarctica-east1", "zone in antarctica-east1|antarctica-west1", true)]   // the documented example
    [InlineData("zone=antarctica-west1", "zone in antarctica-east1|antarctica-west1", true)]
    [InlineData("zone=elsewhere", "zone in antarctica-east1|antarctica-west1", false)]
    [InlineData("", "zone in antarctica-east1|antarctica-west1", false)]
    [InlineData("disk=ssd", "disk notin hdd", true)]
    [InlineData("disk=hdd", "disk notin hdd", false)]
    [InlineData("", "disk notin hdd", true)]                      // no label is none of the values
    [InlineData("gpu=", "gpu", true)]                             // Exists: any value
    [InlineData("", "gpu", false)]
    [InlineData("", "!gpu", true)]
    [InlineData("gpu=a100", "!gpu", false)]
    [InlineData("cores=16", "cores > 8", true)]
    [InlineData("cores=8", "cores > 8", false)]
    [InlineData("cores=-1", "cores < 0", true)]
    [InlineData("cores=many", "cores > 8", false)]                // no number
    [InlineData("", "cores < 8", false)]
    [InlineData("zone=a disk=ssd", "zone=a,disk=ssd", true)]      // all of a term
    [InlineData("zone=a disk=hdd", "zone=a,disk=ssd", false)]
    [InlineData("zone=a", "zone=a;zone=b", true)]                 // one of the terms
    [InlineData("zone=b", "zone=a;zone=b", true)]
    [InlineData("zone=c", "zone=a;zone=b", false)]
    [InlineData("zone=a", "", false)]                             // a term without requirements means no host
    public void One_term_with_all_that_it_asks_is_enough(string labels, string terms, bool accepted)
    {
        var host = Host("a") with { Labels = Labels(labels.Split(' ', StringSplitOptions.RemoveEmptyEntries)) };
        Assert.Equal(accepted, Accepts(host, Requiring(terms.Split(';').Select(term => new HostTerm(Requirements(term)))), "NodeAffinity"));
    }

    [Theory]
    [InlineData("metadata.name=a", true)]
    [InlineData("metadata.name in b|c", false)]
    [InlineData("metadata.name notin b|c", true)]
    public void A_host_may_be_meant_by_its_name(string field, bool accepted) =>
        Assert.Equal(accepted, Accepts(Host("a"), Requiring([new HostTerm([], Requirements(field))]), "NodeAffinity"));

    [Fact]
    public void A_workload_for_named_hosts_goes_to_the_best_of_them()
    {
        var snapshot = ClusterSnapshot.Of([Host("a"), Host("b") with { Used = Amounts(2000) }, Host("c"), Host("d") with { Unschedulable = true }]);
        var workload = Requiring([new HostTerm([], Requirements("metadata.name=b")), new HostTerm([], Requirements("metadata.name in c|d|none"))]);
        Assert.Equal("c", Planner.Plan(snapshot, [workload]).Placements.Single().Host.Value);
    }

    [Fact]
    public void What_is_not_met_is_told()
    {
        var lack = Planner.Explain(ClusterSnapshot.Of([Host("a")]), Requiring([new HostTerm(Requirements("zone in x|y,!gpu"))])).Nearest.Single().Lacks.Single();
        Assert.Equal("not matching node affinity zone in (x,y),!gpu", lack.ToString());
    }

    private static WorkloadView Requiring(IEnumerable<HostTerm> terms) => Workload() with { RequiredHosts = new RequiredHosts(terms.ToValueList()) };
}
