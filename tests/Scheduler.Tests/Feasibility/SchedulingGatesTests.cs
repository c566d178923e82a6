using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Feasibility;

public sealed class SchedulingGatesTests
{
    [Theory]
    [InlineData(new string[0], true)]
    [InlineData(new[] { "example.com/foo" }, false)]
    [InlineData(new[] { "example.com/foo", "example.com/bar" }, false)]
    public void A_gated_workload_goes_nowhere(string[] gates, bool accepted) =>
        Assert.Equal(accepted, Accepts(Host("a"), Workload() with { Gates = gates.ToValueList() }, "SchedulingGates"));

    [Fact]
    public void The_gate_is_named()
    {
        var explanation = Planner.Explain(ClusterSnapshot.Of([Host("a")]), Workload() with { Gates = ["example.com/quota"] });
        Assert.Equal("0/1 hosts are available: 1 held back by scheduling gate example.com/quota.", explanation.Summary);
    }
}
