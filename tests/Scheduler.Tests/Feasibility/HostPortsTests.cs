using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Feasibility;

public sealed class HostPortsTests
{
    [Theory]
    [InlineData("8080/TCP", "8080/TCP", false)]
    [InlineData("8080/TCP", "8081/TCP", true)]
    [InlineData("8080/UDP", "8080/TCP", true)]
    [InlineData("127.0.0.1:8080/TCP", "127.0.0.2:8080/TCP", true)]
    [InlineData("127.0.0.1:8080/TCP", "127.0.0.1:8080/TCP", false)]
    [InlineData("8080/TCP", "127.0.0.1:8080/TCP", false)]         // one of them takes every address
    [InlineData("127.0.0.1:8080/TCP", "8080/TCP", false)]
    [InlineData("8001/TCP 8080/TCP", "8002/TCP 8001/TCP", false)]
    [InlineData("", "8080/TCP", true)]
    [InlineData("8080/TCP", "", true)]
    public void A_port_of_the_host_is_taken_once(string there, string wanted, bool accepted) =>
        Assert.Equal(accepted, Accepts(Host("a").With(Taking("other", there)), Taking("web", wanted), "HostPorts"));

    [Fact]
    public void Workloads_of_one_batch_do_not_collide_either()
    {
        var snapshot = ClusterSnapshot.Of([Host("a"), Host("b")]);
        var plan = Planner.Plan(snapshot, Enumerable.Range(0, 3).Select(at => Taking($"web-{at}", "80/TCP") with { Sequence = at }).ToList());
        Assert.Equal(["a", "b"], plan.Placements.Select(placement => placement.Host.Value));
        Assert.Equal("0/2 hosts are available: 2 with host port 80/TCP taken.", plan.Unplaced.Single().Explanation.Summary);
    }

    private static WorkloadView Taking(string name, string ports) => Workload(name) with
    {
        Traits = new WorkloadTraits { Namespace = "default", Ports = ports.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Port).ToValueList() },
    };

    private static HostPort Port(string text)
    {
        var (head, protocol) = (text.Split('/')[0], text.Split('/')[1]);
        var colon = head.IndexOf(':');
        return new HostPort(protocol, colon < 0 ? "" : head[..colon], int.Parse(head[(colon + 1)..]));
    }
}
