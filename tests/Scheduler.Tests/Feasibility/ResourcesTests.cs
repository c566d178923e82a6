using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Feasibility;

public sealed class ResourcesTests
{
    [Theory]
    [InlineData(10, 20, 0, 0, true)]        // nothing asked, nothing free
    [InlineData(10, 20, 1, 1, false)]
    [InlineData(5, 5, 1, 1, true)]
    [InlineData(5, 5, 5, 15, true)]         // exactly what is left
    [InlineData(8, 5, 3, 1, false)]         // CPU alone is short
    [InlineData(5, 19, 1, 2, false)]        // memory alone is short
    [InlineData(12, 25, 0, 0, true)]        // given out more than there is: stops only what asks
    [InlineData(12, 5, 0, 1, true)]
    [InlineData(12, 5, 1, 0, false)]
    public void What_is_requested_is_free(long usedCpu, long usedMemory, long cpu, long memory, bool accepted)
    {
        var host = Host("a") with { Allocatable = Amounts(10, 20, 0, 32), Used = Amounts(usedCpu, usedMemory, 0, 1) };
        Assert.Equal(accepted, Accepts(host, Workload() with { Requests = Amounts(cpu, memory, 0, 1) }, "Resources"));
    }

    [Theory]
    [InlineData(31, true)]
    [InlineData(32, false)]
    [InlineData(40, false)]
    public void A_host_takes_a_number_of_workloads(long used, bool accepted)
    {
        var host = Host("a") with { Allocatable = Amounts(10, 20, 0, 32), Used = Amounts(pods: used) };
        Assert.Equal(accepted, Accepts(host, Workload(), "Resources"));
    }

    [Theory]
    [InlineData(0, 5, 5, true)]
    [InlineData(3, 5, 3, false)]
    [InlineData(0, 0, 1, false)]
    [InlineData(0, 0, 0, true)]
    public void Extended_and_ephemeral_resources_count_like_the_others(long used, long allocatable, long requested, bool accepted)
    {
        ExtendedAmount[] Gpus(long amount) => amount == 0 ? [] : [new("example.com/gpu", amount)];
        var extended = Host("a") with { Allocatable = Amounts(10, 20, 0, 32, Gpus(allocatable)), Used = Amounts(extended: Gpus(used)) };
        Assert.Equal(accepted, Accepts(extended, Workload() with { Requests = Amounts(pods: 1, extended: Gpus(requested)) }, "Resources"));

        var ephemeral = Host("a") with { Allocatable = Amounts(10, 20, allocatable, 32), Used = Amounts(ephemeral: used) };
        Assert.Equal(accepted, Accepts(ephemeral, Workload() with { Requests = Amounts(ephemeral: requested, pods: 1) }, "Resources"));
    }

    [Fact]
    public void Absurd_amounts_do_not_wrap_around()
    {
        var host = Host("a") with { Used = Amounts(long.MaxValue, long.MaxValue, 0, 1) };
        Assert.False(Accepts(host, Workload() with { Requests = Amounts(long.MaxValue, long.MaxValue, 0, 1) }, "Resources"));
        var sum = host.Used + host.Used;
        Assert.Equal((long.MaxValue, long.MaxValue, 2), (sum.MilliCpu, sum.MemoryBytes, sum.Pods));
    }
}
