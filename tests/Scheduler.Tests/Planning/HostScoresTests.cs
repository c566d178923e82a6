using Orchestrator.Scheduler.Planning;
using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Planning;

public sealed class HostScoresTests
{
    /// <summary>No rule of today likes a host better for taking a workload, but the kept scores must not count on that.</summary>
    [Fact]
    public void A_host_that_rises_overtakes_the_best()
    {
        var busy = Amounts(3000, 8 * Gibi, 0, 5);
        var snapshot = ClusterSnapshot.Of([Host("a"), Host("b") with { Used = busy }, Host("c") with { Used = Amounts(1000) }]);
        var draft = new Draft(snapshot, [Workload().Traits], PlanSettings.Default.Ranking());
        var workload = new CompiledWorkload(WorkloadShape.Of(Workload()), draft);
        var scores = new HostScores(draft, workload, draft.Groups([]));
        Assert.Equal(0, scores.Best().Slot);
        draft.Place(0, busy, workload.TraitsId);
        scores.CatchUp();
        Assert.Equal(2, scores.Best().Slot);
        draft.TakeBack(1, busy, workload.TraitsId);
        scores.CatchUp();
        Assert.Equal(1, scores.Best().Slot);
    }
}
