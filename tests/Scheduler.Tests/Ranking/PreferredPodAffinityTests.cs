using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Ranking;

public sealed class PreferredPodAffinityTests
{
    private static readonly WorkloadView Red = Workload("red").Labelled("app=red");

    [Theory]
    [InlineData(5, 2, 1, 0, 100, 50, 0)]      // most of what it likes
    [InlineData(-5, 2, 1, 0, 0, 50, 100)]     // least of what it dislikes
    [InlineData(5, 1, 1, 1, 0, 0, 0)]         // all are equal
    [InlineData(5, 0, 0, 0, 0, 0, 0)]
    public void Places_score_between_the_least_and_the_most_liked(int weight, int a, int b, int c, int scoreA, int scoreB, int scoreC)
    {
        var workload = Workload() with { Traits = new WorkloadTraits { Namespace = "default", Preferred = [new WeightedTerm(weight, Term("zone", "app=red"))] } };
        var scores = Scores.Of("PreferredPodAffinity", Zones(a, b, c), workload);
        Assert.Equal((scoreA, scoreB, scoreC), (scores["a"], scores["b"], scores["c"]));
    }

    [Fact]
    public void What_is_there_may_like_it_too()
    {
        var fond = Workload("fond") with { Traits = new WorkloadTraits { Namespace = "default", Preferred = [new WeightedTerm(8, Term("zone", "app=web"))] } };
        var needing = Workload("needing") with { Traits = new WorkloadTraits { Namespace = "default", Affinity = [Term("zone", "app=web")] } };
        HostView[] hosts = [Zone("a").With(fond), Zone("b").With(needing), Zone("c")];
        var scores = Scores.Of("PreferredPodAffinity", hosts, Workload().Labelled("app=web"));
        Assert.Equal((100, 12, 0), (scores["a"], scores["b"], scores["c"]));   // 8, 1 and 0
    }

    private static HostView[] Zones(int a, int b, int c) => [Zone("a").With(Repeat(a)), Zone("b").With(Repeat(b)), Zone("c").With(Repeat(c))];

    private static WorkloadView[] Repeat(int count) => Enumerable.Repeat(Red, count).ToArray();

    private static HostView Zone(string name) => Host(name) with { Labels = Labels($"zone={name}") };
}
