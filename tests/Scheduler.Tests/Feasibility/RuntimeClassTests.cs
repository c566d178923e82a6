using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Feasibility;

public sealed class RuntimeClassTests
{
    [Theory]
    [InlineData("container", true)]
    [InlineData("paravirtual", true)]
    [InlineData("hardware", false)]
    [InlineData("unheard-of", false)]
    [InlineData("Container", false)]
    public void The_class_works_on_the_host(string runtimeClass, bool accepted)
    {
        var host = Host("a") with { RuntimeClasses = ["container", "paravirtual"] };
        Assert.Equal(accepted, Accepts(host, Workload() with { RuntimeClass = runtimeClass }, "RuntimeClass"));
    }

    [Fact]
    public void The_hosts_own_message_says_why()
    {
        var host = Host("a") with { RuntimeClassMessages = Messages(("hardware", "/dev/kvm: permission denied")) };
        var explanation = Planner.Explain(ClusterSnapshot.Of([host, Host("b")]), Workload() with { RuntimeClass = "hardware" });
        Assert.Equal("0/2 hosts are available: 2 without runtime class hardware (a: /dev/kvm: permission denied).", explanation.Summary);
    }
}
