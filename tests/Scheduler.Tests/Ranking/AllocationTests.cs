using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Ranking;

/// <summary>MostAllocated and BalancedAllocation, with upstream's own cases.</summary>
public sealed class AllocationTests
{
    private static readonly PlanSettings Packing = new([new SchedulerProfile("packing", new Dictionary<string, int> { ["MostAllocated"] = 5, ["LeastAllocated"] = 0 })]);

    [Theory]
    [InlineData(4000, 10000, 0, 0, 0, 0, 0)]
    [InlineData(4000, 10000, 0, 0, 3000, 5000, 62)]         // (75 + 50) / 2
    [InlineData(6000, 10000, 0, 0, 3000, 5000, 50)]
    [InlineData(10000, 20000, 6000, 5000, 3000, 5000, 70)]  // (90 + 50) / 2
    [InlineData(0, 10000, 0, 0, 0, 5000, 50)]
    public void The_fullest_host_scores_most_where_it_is_asked_for(
        long cpu, long memory, long usedCpu, long usedMemory, long requestedCpu, long requestedMemory, int expected)
    {
        var host = Host("a") with { Allocatable = Amounts(cpu, memory, 0, 110), Used = Amounts(usedCpu, usedMemory) };
        var workload = Workload() with { Requests = Amounts(requestedCpu, requestedMemory, 0, 1), SchedulerName = "packing" };
        Assert.Equal(expected, Scores.Of("MostAllocated", host, workload, Packing));
    }

    [Theory]
    [InlineData(4000, 10000, 0, 0, 0, 0, 100)]
    [InlineData(4000, 10000, 0, 0, 3000, 5000, 87)]         // 75 and 50: half of the difference is 12.5
    [InlineData(6000, 10000, 0, 0, 3000, 5000, 100)]
    [InlineData(10000, 20000, 6000, 0, 0, 0, 70)]           // 60 and 0
    [InlineData(10000, 20000, 6000, 5000, 0, 0, 82)]        // 60 and 25
    [InlineData(4000, 10000, 6000, 0, 0, 0, 50)]            // more than all counts as all
    [InlineData(0, 10000, 0, 5000, 0, 0, 100)]              // nothing to balance
    public void Equal_parts_score_most(long cpu, long memory, long usedCpu, long usedMemory, long requestedCpu, long requestedMemory, int expected)
    {
        var host = Host("a") with { Allocatable = Amounts(cpu, memory, 0, 110), Used = Amounts(usedCpu, usedMemory) };
        Assert.Equal(expected, Scores.Of("BalancedAllocation", host, Workload() with { Requests = Amounts(requestedCpu, requestedMemory, 0, 1) }));
    }
}
