using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.NodeV1;
using Orchestrator.Objects.VirtV1;
using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Reading;

public sealed class ViewTests
{
    [Fact]
    public void A_host_is_read_from_its_node()
    {
        var node = new Node
        {
            Metadata = new ObjectMeta { Name = "host-1", Labels = { ["disk"] = "ssd", ["arch"] = "x86_64" } },
            Spec = new NodeSpec { Unschedulable = true, Taints = { new Taint { Key = "dedicated", Value = "db", Effect = "NoExecute" } } },
            Status = new NodeStatus
            {
                Capacity = { ["cpu"] = "4", ["memory"] = "16Gi", ["pods"] = "50" },
                Allocatable = { ["cpu"] = "3500m", ["memory"] = "15Gi", ["pods"] = "40", ["example.com/gpu"] = "2", ["example.com/none"] = "0" },
                Conditions = { new Condition { Type = "Ready", Status = "True", Message = "all well" } },
                NodeInfo = new NodeSystemInfo { Architecture = "amd64" },
                Images = { new ContainerImage { Names = { "web", "web@sha256:1" }, SizeBytes = 5 } },
                RingPressure = new RingPressure { BlockPercent = 70, NetworkPercent = 20 },
                RuntimeClasses =
                {
                    new NodeRuntimeClass { Name = "container", Available = true, Message = "containerd 1.6" },
                    new NodeRuntimeClass { Name = "hardware", Message = "no /dev/kvm" },
                },
            },
        };
        var host = HostView.From(node, Amounts(500, Gibi, 0, 3));
        Assert.True(host is { Ready: true, Unschedulable: true, NotReadyMessage: "" });
        Assert.Equal(Labels("arch=x86_64", "disk=ssd"), host.Labels);
        Assert.Equal(Taint("dedicated=db:NoExecute"), Assert.Single(host.Taints));
        Assert.Equal(Amounts(3500, 15 * Gibi, 0, 40, new ExtendedAmount("example.com/gpu", 2)), host.Allocatable);
        Assert.Equal(Amounts(500, Gibi, 0, 3), host.Used);
        Assert.Equal("container", Assert.Single(host.RuntimeClasses));
        Assert.Equal("no /dev/kvm", host.RuntimeClassMessages["hardware"]);
        Assert.Equal(["container/amd64"], host.GuestArchitectures);
        Assert.Equal([new HostImage("web:latest", 5), new HostImage("web@sha256:1", 5)], host.Images);
        Assert.Equal(70, host.RingPressurePercent);
    }

    [Theory]
    [InlineData("False", "lease expired")]
    [InlineData("Unknown", "")]
    [InlineData(null, "")]
    public void Only_Ready_True_is_ready(string? status, string message)
    {
        var node = new Node { Metadata = new ObjectMeta { Name = "host-1" }, Status = new NodeStatus() };
        if (status is not null) node.Status.Conditions.Add(new Condition { Type = "Ready", Status = status, Message = message });
        var host = HostView.From(node, default);
        Assert.False(host.Ready);
        Assert.Equal(message, host.NotReadyMessage);
    }

    [Fact]
    public void A_node_that_has_just_registered_is_read_without_complaint()
    {
        var host = HostView.From(new Node { Metadata = new ObjectMeta { Name = "host-1" } }, default);
        Assert.Equal(Amounts(pods: HostView.DefaultPods), host.Allocatable);
        Assert.Empty(host.RuntimeClasses);
    }

    [Fact]
    public void Capacity_counts_where_no_allocatable_is_told()
    {
        var node = new Node { Metadata = new ObjectMeta { Name = "a" }, Status = new NodeStatus { Capacity = { ["cpu"] = "2" } } };
        Assert.Equal(Amounts(2000, pods: HostView.DefaultPods), HostView.From(node, default).Allocatable);
    }

    [Fact]
    public void A_workload_has_its_runtime_classes_selector_and_tolerations_too()
    {
        var runtimeClass = new RuntimeClass
        {
            Handler = "container",
            Scheduling = new Scheduling
            {
                NodeSelector = { ["disk"] = "ssd", ["zone"] = "a" },
                Tolerations = { new Toleration { Key = "lab", Operator = "Exists", Effect = "NoSchedule" } },
            },
        };
        var pod = RequestsTests.PodOf(RequestsTests.Resources(("cpu", "1")));
        pod.Spec.NodeSelector.Add("disk", "ssd");
        pod.Spec.Tolerations.Add(new Toleration { Key = "dedicated", Value = "db" });
        pod.Spec.Priority = 7;
        var workload = WorkloadView.From(pod, runtimeClass, 42);
        Assert.Equal(Labels("disk=ssd", "zone=a"), workload.Selector);
        Assert.Equal(["dedicated=db", "lab:NoSchedule"], workload.Tolerations.Select(toleration =>
            $"{toleration.Key}{(toleration.Exists ? "" : "=")}{toleration.Value}{(toleration.Effect is { } effect ? $":{effect}" : "")}"));
        Assert.Equal(("pods/default/web", "u1", 7, 42), (workload.Key.ToString(), workload.Uid, workload.Priority, workload.Sequence));
    }

    [Theory]
    [InlineData("", null, "container")]
    [InlineData("container", "container", "container")]
    [InlineData("emulated", "qemu", "emulated")]
    [InlineData("emulated", null, "emulated")]         // the class is gone: hosts still know the built-in ones
    [InlineData("fast-machines", "kvm", "hardware")]   // a user's class goes where its handler works
    [InlineData("sandboxed", "gvisor", "sandboxed")]   // a handler that is not built in: the host must report the class
    public void The_runtime_class_is_the_one_that_hosts_report(string name, string? handler, string expected)
    {
        var pod = RequestsTests.PodOf(RequestsTests.Resources());
        pod.Spec.RuntimeClassName = name;
        Assert.Equal(expected, WorkloadView.From(pod, handler is null ? null : new RuntimeClass { Handler = handler }, 1).RuntimeClass);
    }

    [Fact]
    public void A_machine_is_read_like_a_pod()
    {
        var machine = new VirtualMachine
        {
            Metadata = new ObjectMeta { Name = "guest", Namespace = "lab", Uid = "u2" },
            Spec = new VirtualMachineSpec { Cpus = 2, Memory = "512Mi", NodeName = "host-1", NodeSelector = { ["disk"] = "ssd" }, Priority = -5 },
        };
        var workload = WorkloadView.From(machine, null, 1);
        Assert.Equal("virt.orchestrator.dev/virtualmachines/lab/guest", workload.Key.ToString());
        Assert.Equal((Amounts(pods: 1) with { VirtualMilliCpu = 2000, MachineMemoryBytes = 512 * Mebi }, "host-1", "paravirtual", -5),
            (workload.Requests, workload.NodeName, workload.RuntimeClass, workload.Priority));
        Assert.Equal(Labels("disk=ssd"), workload.Selector);
    }
}
