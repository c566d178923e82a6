using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Feasibility;

public sealed class NodeSelectorTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("disktype=ssd", "", true)]
    [InlineData("disktype=ssd", "disktype=ssd", true)]
    [InlineData("disktype=ssd zone=a", "disktype=ssd", true)]
    [InlineData("disktype=ssd", "disktype=ssd zone=a", false)]
    [InlineData("disktype=hdd", "disktype=ssd", false)]
    [InlineData("disktype=", "disktype=ssd", false)]
    [InlineData("disktype=", "disktype=", true)]
    [InlineData("", "disktype=", false)]
    [InlineData("", "disktype=ssd", false)]
    [InlineData("disktype=ssd", "disktype=hdd disktype=ssd", false)]
    public void A_host_has_every_label_of_the_selector(string labels, string selector, bool accepted)
    {
        var host = Host("a") with { Labels = Labels(Words(labels)) };
        var workload = Workload() with { Selector = Labels(Words(selector)) };
        Assert.Equal(accepted, Accepts(host, workload, "NodeSelector"));
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
