using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Feasibility;

/// <summary>How many machines of two virtual CPUs and 4 GiB a host of 4 CPUs and 16 GiB takes.</summary>
public sealed class OvercommitTests
{
    private static readonly ResourceVector Machine = new() { VirtualMilliCpu = 2000, MachineMemoryBytes = 4 * Gibi, Pods = 1 };

    [Theory]
    [InlineData(1000, 100, 4)]        // ten virtual CPUs share one: memory is what runs out
    [InlineData(100, 100, 2)]         // none shared
    [InlineData(1000, 200, 8)]
    [InlineData(150, 400, 3)]         // 6 virtual CPUs
    public void The_hosts_ratios_decide(int cpuPercent, int memoryPercent, int machines)
    {
        var host = Host("a") with { Overcommit = new Overcommit(cpuPercent, memoryPercent) };
        var pending = Enumerable.Range(0, 12).Select(at => Workload($"vm-{at}") with { Requests = Machine, Sequence = at }).ToList();
        Assert.Equal(machines, Planner.Plan(ClusterSnapshot.Of([host]), pending).Placements.Count);
    }

    [Fact]
    public void Pods_and_machines_share_what_there_is()
    {
        var host = Host("a") with { Overcommit = new Overcommit(200, 100), Used = Amounts(3000) + Machine };
        var lack = Planner.Explain(ClusterSnapshot.Of([host]), Workload() with { Requests = Amounts(500, pods: 1) }).Nearest.Single().Lacks.Single();
        Assert.Equal("insufficient cpu: needs 500m, has 0 of 4 free", lack.ToString());
    }

    [Theory]
    [InlineData("", "", 1000, 100)]
    [InlineData("4", "1.5", 400, 150)]
    [InlineData("many", "-1", 1000, 100)]
    [InlineData("1000", "0.01", 1000, 100)]   // beyond what makes sense
    public void Labels_of_the_host_say_the_ratios(string cpu, string memory, int cpuPercent, int memoryPercent)
    {
        var node = new Node { Metadata = new ObjectMeta { Name = "a", Labels = { [Overcommit.CpuLabel] = cpu, [Overcommit.MemoryLabel] = memory } } };
        Assert.Equal(new Overcommit(cpuPercent, memoryPercent), HostView.From(node, default).Overcommit);
    }
}
