using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Ranking;

public sealed class LeastAllocatedTests
{
    [Theory]
    [InlineData(4000, 10000, 0, 0, 0, 0, 100)]            // nothing asked, nothing used
    [InlineData(4000, 10000, 0, 0, 3000, 5000, 37)]       // (25 + 50) / 2
    [InlineData(6000, 10000, 0, 0, 3000, 5000, 50)]       // (50 + 50) / 2
    [InlineData(10000, 20000, 6000, 0, 0, 0, 70)]         // (40 + 100) / 2
    [InlineData(10000, 20000, 6000, 5000, 0, 0, 57)]      // (40 + 75) / 2
    [InlineData(10000, 20000, 3000, 5000, 3000, 5000, 45)]// (40 + 50) / 2
    [InlineData(10000, 50000, 3000, 5000, 3000, 5000, 60)]// (40 + 80) / 2
    [InlineData(0, 10000, 0, 0, 0, 5000, 50)]             // a resource that the host lacks is left out
    [InlineData(0, 0, 0, 0, 0, 0, 0)]
    [InlineData(1000, 10000, 2000, 0, 0, 0, 50)]          // given out more than there is: 0 for that resource
    [InlineData(1000, long.MaxValue, 0, 0, 0, 0, 100)]
    [InlineData(1000, long.MaxValue, 0, long.MaxValue / 2, 0, 0, 75)]
    public void Scores_the_part_that_stays_free(
        long cpu, long memory, long usedCpu, long usedMemory, long requestedCpu, long requestedMemory, int expected)
    {
        var host = Host("a") with { Allocatable = Amounts(cpu, memory, 0, 110), Used = Amounts(usedCpu, usedMemory) };
        Assert.Equal(expected, Score(host, Amounts(requestedCpu, requestedMemory, 0, 1)));
    }

    [Fact]
    public void What_asks_for_nothing_still_counts_in_ranking_but_never_in_room()
    {
        var asksNothing = new ResourceVector { Pods = 1, AssumedMilliCpu = 1000, AssumedMemoryBytes = 4 * Gibi };
        Assert.Equal(75, Score(Host("a"), asksNothing));
        Assert.Equal(50, Score(Host("a") with { Used = asksNothing }, asksNothing));
        var full = Host("a") with { Used = Amounts(4000, 16 * Gibi, 0, 1) };
        Assert.Equal(0, Score(full, asksNothing));
    }

    private static int Score(HostView host, ResourceVector requests)
    {
        var ranked = Assert.Single(Planner.Explain(ClusterSnapshot.Of([host]), Workload() with { Requests = requests }).Feasible);
        return ranked.Scores.Single(score => score.Rule == "LeastAllocated").Score;
    }
}
