using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.NodeV1;
using Orchestrator.Objects.VirtV1;
using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Reading;

public sealed class RequestsTests
{
    [Fact]
    public void A_pod_requests_the_sum_of_its_containers()
    {
        var pod = PodOf(Resources(("cpu", "250m"), ("memory", "64Mi")), Resources(("cpu", "250m"), ("memory", "64Mi")));
        Assert.Equal(Amounts(500, 128 * Mebi, 0, 1), ResourceRequests.RequestsOf(pod, null));
    }

    [Theory]
    [InlineData("", 300)]
    [InlineData("i200", 300)]          // it is done before the containers start
    [InlineData("i500 i400", 500)]     // one at a time
    [InlineData("s200", 500)]          // a sidecar runs on beside the containers
    [InlineData("s200 i400", 600)]     // and beside the init containers after it
    [InlineData("i400 s200", 500)]     // not beside those before it
    [InlineData("s100 i50 s200 i500", 800)]
    public void A_pod_requests_what_its_containers_take_when_they_take_most(string before, long milliCpu)
    {
        var pod = PodOf(Resources(("cpu", "100m")), Resources(("cpu", "200m")));
        foreach (var word in before.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            pod.Spec.InitContainers.Add(new Container { Resources = Resources(("cpu", $"{word[1..]}m")), RestartPolicy = word[0] == 's' ? "Always" : "" });
        Assert.Equal((milliCpu, 1L), (ResourceRequests.RequestsOf(pod, null).MilliCpu, ResourceRequests.RequestsOf(pod, null).Pods));
    }

    [Fact]
    public void Of_other_resources_the_larger_need_counts_too()
    {
        var pod = PodOf(Resources(("example.com/gpu", "1"), ("memory", "10Mi")));
        pod.Spec.InitContainers.Add(new Container { Resources = Resources(("example.com/gpu", "2"), ("example.com/fpga", "1")) });
        var requests = ResourceRequests.RequestsOf(pod, null);
        Assert.Equal((2L, 1L, 10 * Mebi), (requests.ExtendedAmount("example.com/gpu"), requests.ExtendedAmount("example.com/fpga"), requests.MemoryBytes));
    }

    [Fact]
    public void Limits_stand_in_for_absent_requests_only()
    {
        var container = Resources(("cpu", "100m"));
        container.Limits.Add("cpu", "2");
        container.Limits.Add("memory", "100Mi");
        container.Limits.Add("ephemeral-storage", "2Gi");
        container.Limits.Add("example.com/gpu", "2");
        Assert.Equal(
            Amounts(100, 100 * Mebi, 2 * Gibi, 1, new ExtendedAmount("example.com/gpu", 2)),
            ResourceRequests.RequestsOf(PodOf(container), null));
    }

    [Fact]
    public void A_runtime_classes_overhead_is_added_once_a_workload()
    {
        var overhead = new RuntimeClass { Handler = "kata-fc", Overhead = new Overhead { PodFixed = { ["cpu"] = "250m", ["memory"] = "120Mi" } } };
        var pod = PodOf(Resources(("cpu", "500m"), ("memory", "100Mi")), Resources(("cpu", "1500m"), ("memory", "100Mi")));
        Assert.Equal(Amounts(2250, 320 * Mebi, 0, 1), ResourceRequests.RequestsOf(pod, overhead));

        var machine = new VirtualMachine { Spec = new VirtualMachineSpec { Cpus = 2, Memory = "1Gi" } };
        Assert.Equal(Amounts(250, 120 * Mebi, 0, 1) + Machine(2, Gibi), ResourceRequests.RequestsOf(machine, overhead));
    }

    [Fact]
    public void A_machine_takes_from_its_type_what_it_leaves_out_and_else_the_defaults()
    {
        var type = new MachineType { Spec = new MachineTypeSpec { Cpus = 4, Memory = "2Gi" } };
        var machine = new VirtualMachine { Spec = new VirtualMachineSpec() };
        Assert.Equal(Amounts(pods: 1) + Machine(1, 128 * Mebi), ResourceRequests.RequestsOf(machine, null));
        Assert.Equal(Amounts(pods: 1) + Machine(4, 2 * Gibi), ResourceRequests.RequestsOf(machine, null, type));
        machine.Spec.Cpus = 1;
        Assert.Equal(Amounts(pods: 1) + Machine(1, 2 * Gibi), ResourceRequests.RequestsOf(machine, null, type));

        // Until its next start it has the size that it was started with.
        machine = new VirtualMachine { Spec = new VirtualMachineSpec { MachineTypeName = "t" }, Status = new VirtualMachineStatus { Domain = new DomainInfo { Cpus = 2, Memory = "4Gi" } } };
        Assert.Equal(Amounts(pods: 1) + Machine(4, 4 * Gibi), ResourceRequests.RequestsOf(machine, null, type));
    }

    [Theory]
    [InlineData(null, null, 100, 200 * Mebi)]
    [InlineData("0", null, 0, 200 * Mebi)]      // zero was asked for: nothing is assumed
    [InlineData("1", "1Mi", 0, 0)]
    public void What_is_not_requested_is_assumed_for_ranking(string? cpu, string? memory, long assumedCpu, long assumedMemory)
    {
        var resources = new ResourceRequirements();
        if (cpu is not null) resources.Requests.Add("cpu", cpu);
        if (memory is not null) resources.Requests.Add("memory", memory);
        var requests = ResourceRequests.RequestsOf(PodOf(resources), null);
        Assert.Equal((assumedCpu, assumedMemory), (requests.AssumedMilliCpu, requests.AssumedMemoryBytes));
    }

    [Fact]
    public void Requests_beyond_every_number_stay_huge_and_can_be_taken_off_again()
    {
        var huge = Resources(("memory", "7Ei"), ("cpu", "9223372036854775807"));
        var requests = ResourceRequests.RequestsOf(PodOf(huge, huge), null);
        Assert.Equal((ResourceRequests.MaximumAmount, ResourceRequests.MaximumAmount), (requests.MilliCpu, requests.MemoryBytes));
        var before = Amounts(5, 7, 0, 1);
        Assert.Equal(before, Enumerable.Range(0, 1000).Aggregate(before, (sum, _) => sum + requests)
            - Enumerable.Range(0, 1000).Aggregate(default(ResourceVector), (sum, _) => sum + requests));
    }

    [Fact]
    public void What_is_taken_and_given_back_leaves_nothing()
    {
        var requests = Amounts(250, Mebi, 3, 1, new ExtendedAmount("example.com/gpu", 2), new ExtendedAmount("example.com/nic", 1));
        Assert.Equal(requests, default(ResourceVector) + requests + requests - requests);
        Assert.Equal(default, requests - requests);
    }

    [Fact]
    public void A_stored_quantity_that_is_none_is_an_error_that_names_it()
    {
        var error = Assert.Throws<FormatException>(() => ResourceRequests.RequestsOf(PodOf(Resources(("memory", "64MiB"))), null));
        Assert.Contains("64MiB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pods_own_overhead_takes_the_place_of_its_classs()
    {
        var pod = PodOf(Resources(("cpu", "1"), ("memory", "1Mi")));
        pod.Spec.Overhead.Add("cpu", "300m");
        var overhead = new RuntimeClass { Handler = "kata-fc", Overhead = new Overhead { PodFixed = { ["cpu"] = "250m" } } };
        Assert.Equal(Amounts(1300, Mebi, 0, 1), ResourceRequests.RequestsOf(pod, overhead));
    }

    private static ResourceVector Machine(int cpus, long memory) => new() { VirtualMilliCpu = cpus * 1000, MachineMemoryBytes = memory };

    internal static Pod PodOf(params ResourceRequirements?[] containers) => new()
    {
        Metadata = new ObjectMeta { Name = "web", Namespace = "default", Uid = "u1" },
        Spec = new PodSpec { Containers = { containers.Select((resources, i) => new Container { Name = $"c{i}", Resources = resources }) } },
    };

    internal static ResourceRequirements Resources(params (string Name, string Amount)[] requests)
    {
        var resources = new ResourceRequirements();
        foreach (var (name, amount) in requests) resources.Requests.Add(name, amount);
        return resources;
    }
}
