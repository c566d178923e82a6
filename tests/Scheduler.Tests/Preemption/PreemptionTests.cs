using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Preemption;

/// <summary>Hosts of 4 CPUs; what is there and what comes is told in CPUs.</summary>
public sealed class PreemptionTests
{
    private static readonly ObjectKey Budget = new(new ResourceId("policy", "poddisruptionbudgets"), "default", "web");

    [Theory]
    [InlineData("low:2 low:1 mid:1", 2, "low-0")]                   // the smallest set that is enough
    [InlineData("low:1 low:1 mid:2", 2, "low-0 low-1")]             // two unimportant ones before one important one
    [InlineData("low:1 mid:3", 2, "mid-1")]                         // the unimportant one alone would be in vain: it stays
    [InlineData("low:4", 5, "")]                                    // not even the empty host is large enough
    [InlineData("high:4", 1, "")]                                   // nobody there is less important
    [InlineData("high:3 low:1", 2, "")]                             // ending it would be in vain
    [InlineData("low:3", 1, "")]                                    // it fits as it is
    public void Only_what_must_end_ends(string there, int cpus, string victims)
    {
        var plan = Planner.Plan(ClusterSnapshot.Of([Host("a").With(Residents(there))]), [Important(cpus)]);
        Assert.Equal(victims, string.Join(' ', plan.Nominations.SelectMany(one => one.Victims).Select(victim => victim.Key.Name).Order()));
    }

    [Theory]
    [InlineData("mid:4", "low:4", "b")]                             // the least important
    [InlineData("low:2 low:2", "low:4", "b")]                       // the fewest
    [InlineData("low:4", "mid:1 low:3", "a")]
    [InlineData("mid:4", "low:1 mid:3", "a")]                       // the same highest priority: the smaller sum
    public void The_cheapest_host_is_chosen(string onA, string onB, string host)
    {
        var plan = Planner.Plan(ClusterSnapshot.Of([Host("a").With(Residents(onA)), Host("b").With(Residents(onB))]), [Important(4)]);
        Assert.Equal(host, Assert.Single(plan.Nominations).Host.Value);
        Assert.Equal("important", Assert.Single(plan.Unplaced).Workload.Key.Name);
    }

    [Fact]
    public void What_came_last_ends_first()
    {
        var residents = Residents("low:2 low:2");
        residents[0] = residents[0] with { Sequence = 100 };
        var plan = Planner.Plan(ClusterSnapshot.Of([Host("a").With(residents)]), [Important(2)]);
        Assert.Equal("low-0", plan.Nominations.Single().Victims.Single().Key.Name);
    }

    [Theory]
    [InlineData("app=web", 1, "a")]        // the budget allows one
    [InlineData("app=web", 0, "b")]        // it allows none: rather end what is more important
    [InlineData("app=other", 0, "a")]      // it guards others
    public void A_disruption_budget_counts_before_priority(string selector, int allowed, string host)
    {
        var snapshot = ClusterSnapshot.Of([Host("a").With(Guarded("low:4")), Host("b").With(Residents("mid:4"))]).With(Allowing(allowed, selector));
        Assert.Equal(host, Planner.Plan(snapshot, [Important(4)]).Nominations.Single().Host.Value);
    }

    [Fact]
    public void A_budget_is_spent_once_in_a_batch()
    {
        HostView[] hosts = [Host("a").With(Guarded("low:4", "a")), Host("b").With(Guarded("low:4", "b")), Host("c").With(Residents("mid:4", "c"))];
        var plan = Planner.Plan(ClusterSnapshot.Of(hosts).With(Allowing(1)), [Important(4), Important(4, "second") with { Sequence = 1 }]);
        Assert.Equal(["a", "c"], plan.Nominations.Select(one => one.Host.Value));
    }

    [Fact]
    public void A_budget_is_broken_where_nothing_else_helps()
    {
        var plan = Planner.Plan(ClusterSnapshot.Of([Host("a").With(Guarded("low:2 low:2"))]).With(Allowing(0)), [Important(4)]);
        Assert.Equal(2, plan.Nominations.Single().Victims.Count);
    }

    [Fact]
    public void What_is_ending_anyway_is_waited_for_and_nobody_else_ends()
    {
        var ending = Residents("low:4").Select(one => one with { Traits = one.Traits with { Terminating = true } }).ToArray();
        var plan = Planner.Plan(ClusterSnapshot.Of([Host("a").With(Residents("low:4")), Host("b").With(ending)]), [Important(4)]);
        var nomination = Assert.Single(plan.Nominations);
        Assert.Equal("b", nomination.Host.Value);
        Assert.Empty(nomination.Victims);
    }

    [Fact]
    public void The_room_is_not_given_to_those_that_are_less_important()
    {
        var snapshot = ClusterSnapshot.Of([Host("a").With(Residents("low:3"))]);
        var modest = Workload("modest") with { Requests = Amounts(1000, pods: 1), Priority = 1 };
        var plan = Planner.Plan(snapshot, [modest, Important(4)]);
        Assert.Equal("a", Assert.Single(plan.Nominations).Host.Value);
        Assert.Empty(plan.Placements);
    }

    [Fact]
    public void Who_may_not_preempt_waits()
    {
        var plan = Planner.Plan(ClusterSnapshot.Of([Host("a").With(Residents("low:4"))]), [Important(2) with { MayPreempt = false }]);
        Assert.Empty(plan.Nominations);
    }

    [Fact]
    public void Nobody_ends_on_a_host_that_is_ruled_out_anyway()
    {
        var snapshot = ClusterSnapshot.Of([Host("a").With(Residents("low:4")) with { Unschedulable = true }]);
        Assert.Empty(Planner.Plan(snapshot, [Important(2)]).Nominations);
    }

    [Fact]
    public void Those_that_keep_it_away_end_too()
    {
        var shy = Workload("shy") with { Traits = new WorkloadTraits { Namespace = "default", AntiAffinity = [Term("zone", "app=web")] } };
        HostView Zone(string name, params WorkloadView[] there) => Host(name).With(there) with { Labels = Labels("zone=1") };
        var web = Important(1).Labelled("app=web");
        var plan = Planner.Plan(ClusterSnapshot.Of([Zone("a", shy), Zone("b")]), [web]);
        var nomination = Assert.Single(plan.Nominations);
        Assert.Equal(("a", "shy"), (nomination.Host.Value, nomination.Victims.Single().Key.Name));

        // A second one in the same zone: ending one of them would be in vain.
        Assert.Empty(Planner.Plan(ClusterSnapshot.Of([Zone("a", shy), Zone("b", shy with { Uid = "other" })]), [web]).Nominations);
    }

    private static DisruptionBudgets Allowing(int allowed, string selector = "app=web") => new([new DisruptionBudget(Budget, Selection(selector), allowed)]);

    private static WorkloadView[] Guarded(string text, string suffix = "") => Residents(text, suffix).Select(one => one.Labelled("app=web")).ToArray();

    private static WorkloadView Important(int cpus, string name = "important") =>
        Workload(name) with { Requests = Amounts(cpus * 1000, pods: 1), Priority = 1000 };

    /// <summary><c>low:2</c>: priority 0, 2 CPUs; mid has 100, high 2000.</summary>
    private static WorkloadView[] Residents(string text, string suffix = "") => text.Split(' ').Select((one, at) =>
    {
        var (kind, cpus) = (one.Split(':')[0], int.Parse(one.Split(':')[1]));
        return Workload($"{kind}-{at}{suffix}") with
        {
            Requests = Amounts(cpus * 1000, pods: 1),
            Sequence = at,
            Priority = kind switch { "low" => 0, "mid" => 100, _ => 2000 },
        };
    }).ToArray();
}
