using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Feasibility;

/// <summary>The rules about the host alone: HostReady, Unschedulable, NodeName.</summary>
public sealed class HostStateTests
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Only_a_ready_host_takes_work(bool ready, bool accepted) =>
        Assert.Equal(accepted, Accepts(Host("a") with { Ready = ready }, Workload(), "HostReady"));

    [Theory]
    [InlineData(null, false)]
    [InlineData("node.kubernetes.io/unschedulable", true)]
    [InlineData("node.kubernetes.io/unschedulable:NoSchedule", true)]
    [InlineData("node.kubernetes.io/unschedulable:NoExecute", false)]
    [InlineData("node.kubernetes.io/unschedulable=yes", false)]
    [InlineData("node.kubernetes.io/not-ready", false)]
    [InlineData("", true)]
    public void A_cordoned_host_takes_only_what_tolerates_the_cordon(string? toleration, bool accepted)
    {
        var workload = Workload() with { Tolerations = toleration is null ? [] : [Toleration(toleration)] };
        Assert.Equal(accepted, Accepts(Host("a") with { Unschedulable = true }, workload, "Unschedulable"));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("a", true)]
    [InlineData("b", false)]
    [InlineData("A", false)]
    public void A_workload_that_names_its_host_goes_nowhere_else(string nodeName, bool accepted) =>
        Assert.Equal(accepted, Accepts(Host("a"), Workload() with { NodeName = nodeName }, "NodeName"));
}
