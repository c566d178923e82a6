using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Feasibility;

/// <summary>Three hosts in two zones: a and b in zone 1, c in zone 2. The documented example: near security=S1, away from security=S2.</summary>
public sealed class PodAffinityTests
{
    private static readonly WorkloadView Trusted = Workload("trusted").Labelled("security=S1");
    private static readonly WorkloadView Doubtful = Workload("doubtful").Labelled("security=S2");

    [Theory]
    [InlineData("zone", "security in S1", "a b")]             // the zone in which one is
    [InlineData("kubernetes.io/hostname", "security in S1", "a")]
    [InlineData("zone", "security in S9", "")]
    [InlineData("rack", "security in S1", "")]                // hosts without the label are no place
    [InlineData("zone", "", "a b")]                           // an empty selector means every workload
    public void It_goes_where_one_of_those_is(string key, string selection, string hosts) =>
        Assert.Equal(hosts, Feasible(Cluster(a: [Trusted]), Near(key, selection)));

    [Fact]
    public void All_terms_speak_of_one_workload()
    {
        var both = Workload("both").Labelled("app=db", "tier=gold");
        var term = Near("zone", "app=db");
        var workload = term with { Traits = term.Traits with { Affinity = [Term("zone", "app=db"), Term("kubernetes.io/hostname", "tier=gold")] } };
        Assert.Equal("b", Feasible(Cluster(b: [both]), workload));
        Assert.Equal("", Feasible(Cluster(a: [Workload("one").Labelled("app=db")], b: [Workload("two").Labelled("tier=gold")]), workload));
    }

    [Fact]
    public void The_first_of_its_kind_may_go_anywhere_and_the_next_go_to_it()
    {
        var group = Near("zone", "app=cache").Labelled("app=cache") with { Requests = Amounts(2000, pods: 1) };
        group = group with { Traits = group.Traits with { Affinity = [Term("zone", "app=cache")] } };
        Assert.Equal("a b c", Feasible(Cluster(), group));
        var plan = Planner.Plan(Cluster(), Enumerable.Range(0, 5).Select(at => group with { Key = group.Key with { Name = $"cache-{at}" }, Sequence = at }).ToList());
        Assert.Equal(["a", "b", "a", "b"], plan.Placements.Select(placement => placement.Host.Value));
        Assert.Contains("1 not near what pod affinity asks for (app=cache per zone)", plan.Unplaced.Single().Explanation.Summary);
    }

    [Theory]
    [InlineData("zone", "security in S2", "c")]               // away from the zone in which one is
    [InlineData("kubernetes.io/hostname", "security in S2", "b c")]
    [InlineData("zone", "security in S9", "a b c")]
    [InlineData("rack", "security in S2", "a b c")]           // without the label there is no place to be kept from
    public void It_stays_away_from_those(string key, string selection, string hosts)
    {
        var workload = Workload() with { Traits = new WorkloadTraits { Namespace = "default", AntiAffinity = [Term(key, selection)] } };
        Assert.Equal(hosts, Feasible(Cluster(a: [Doubtful]), workload));
    }

    [Theory]
    [InlineData("zone", "app=web", "c")]
    [InlineData("kubernetes.io/hostname", "app=web", "b c")]
    [InlineData("zone", "app=other", "a b c")]
    public void Those_that_are_there_keep_it_away_too(string key, string selection, string hosts)
    {
        var shy = Workload("shy") with { Traits = new WorkloadTraits { Namespace = "default", AntiAffinity = [Term(key, selection)] } };
        Assert.Equal(hosts, Feasible(Cluster(a: [shy]), Workload().Labelled("app=web")));
    }

    [Theory]
    [InlineData("default", "", true)]
    [InlineData("other", "", false)]                          // by default only its own namespace
    [InlineData("other", "other", true)]
    [InlineData("other", "team=red", true)]                   // a namespace by its labels
    [InlineData("other", "team=blue", false)]
    [InlineData("other", "*", true)]                          // an empty selector means every namespace
    public void A_term_speaks_of_some_namespaces(string where, string namespaces, bool near)
    {
        var there = Trusted with { Traits = Trusted.Traits with { Namespace = where } };
        var term = namespaces switch
        {
            "" => new WorkloadTerm("zone", Selection("security=S1"), ["default"]),
            "*" => new WorkloadTerm("zone", Selection("security=S1"), [], Scheduler.Selection.Everything),
            _ when namespaces.Contains('=') => new WorkloadTerm("zone", Selection("security=S1"), [], Selection(namespaces)),
            _ => new WorkloadTerm("zone", Selection("security=S1"), [namespaces]),
        };
        var snapshot = Cluster(c: [there]).With(NamespaceLabels.None.With("other", new Dictionary<string, string> { ["team"] = "red" }));
        Assert.Equal(near ? "c" : "", Feasible(snapshot, Workload() with { Traits = new WorkloadTraits { Namespace = "default", Affinity = [term] } }));
    }

    [Fact]
    public void Reasons_say_who_is_in_the_way_and_where()
    {
        var away = Workload() with { Traits = new WorkloadTraits { Namespace = "default", AntiAffinity = [Term("zone", "security=S2")] } };
        var explanation = Planner.Explain(Cluster(a: [Doubtful], c: [Doubtful]), away);
        Assert.Equal(
            "0/3 hosts are available: 3 too near what pod anti-affinity keeps away (security=S2 per zone) (a: 1 in zone=1).", explanation.Summary);
    }

    private static WorkloadView Near(string key, string selection) =>
        Workload() with { Traits = new WorkloadTraits { Namespace = "default", Affinity = [Term(key, selection)] } };

    private static ClusterSnapshot Cluster(WorkloadView[]? a = null, WorkloadView[]? b = null, WorkloadView[]? c = null) => ClusterSnapshot.Of(
    [
        Host("a").With(a ?? []) with { Labels = Labels("kubernetes.io/hostname=a", "zone=1") },
        Host("b").With(b ?? []) with { Labels = Labels("kubernetes.io/hostname=b", "zone=1") },
        Host("c").With(c ?? []) with { Labels = Labels("kubernetes.io/hostname=c", "zone=2") },
    ]);

    private static string Feasible(ClusterSnapshot snapshot, WorkloadView workload) =>
        string.Join(' ', Planner.Explain(snapshot, workload).Feasible.Select(host => host.Host.Value).Order());
}
