using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Feasibility;

public sealed class GuestArchitectureTests
{
    [Theory]
    [InlineData("emulated", "", true)]
    [InlineData("emulated", "amd64", true)]
    [InlineData("emulated", "arm64", true)]
    [InlineData("emulated", "s390x", false)]
    [InlineData("paravirtual", "amd64", true)]
    [InlineData("paravirtual", "arm64", false)]       // another class of the same host has it
    public void The_class_runs_guests_of_that_architecture(string runtimeClass, string architecture, bool accepted)
    {
        var host = Host("a") with
        {
            RuntimeClasses = ["emulated", "paravirtual"],
            GuestArchitectures = ["emulated/amd64", "emulated/arm64", "paravirtual/amd64"],
        };
        Assert.Equal(accepted, Accepts(host, Workload() with { RuntimeClass = runtimeClass, Architecture = architecture }, "GuestArchitecture"));
    }
}
