using Google.Protobuf.WellKnownTypes;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.NodeV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Contracts.Tests.Encoding;

public sealed class ValidationTests
{
    private static Pod Valid() => new()
    {
        Metadata = new ObjectMeta { Name = "web", Namespace = "default" },
        Spec = new PodSpec { Containers = { new Container { Name = "c", Image = "busybox" } } },
    };

    public static TheoryData<string, Action<Pod>> Breakages => new()
    {
        { "metadata.name: Required value: name or generateName is required", pod => pod.Metadata = null },
        { "metadata.name: Too long: has 254 characters, must have at most 253", pod => pod.Metadata.Name = new string('a', 254) },
        { "metadata.namespace: Invalid value \"a/b\": must be a lower-case DNS label ([a-z0-9]([-a-z0-9]*[a-z0-9])?), at most 63 characters", pod => pod.Metadata.Namespace = "a/b" },
        { "metadata.finalizers[1]: Duplicate value \"f\"", pod => pod.Metadata.Finalizers.Add(["f", "f"]) },
        { "metadata.ownerReferences[0].uid: Required value", pod => pod.Metadata.OwnerReferences.Add(new OwnerReference { ApiVersion = "v1", Kind = "Pod", Name = "x" }) },
        { "metadata.creationTimestamp: Invalid value: must be a time of the years 1 to 9999", pod => pod.Metadata.CreationTimestamp = new Timestamp { Seconds = long.MaxValue } },
        { "spec: Required value", pod => pod.Spec = null },
        { "spec.containers: Required value: must have at least one entry", pod => pod.Spec.Containers.Clear() },
        { "spec.containers[1].name: Required value", pod => pod.Spec.Containers.Add(new Container { Image = "i" }) },
        { "spec.containers[1]: Duplicate value: another item has the same name (\"c\")", pod => pod.Spec.Containers.Add(pod.Spec.Containers[0].Clone()) },
        { "spec.containers[0].ports[1]: Duplicate value: another item has the same containerPort and protocol (\"80/TCP\")", pod => pod.Spec.Containers[0].Ports.Add([new ContainerPort { ContainerPort_ = 80, Protocol = "TCP" }, new ContainerPort { ContainerPort_ = 80, Protocol = "TCP" }]) },
        { "spec.containers[0].ports[0].hostPort: Invalid value 0: must be between 1 and 65535", pod => pod.Spec.Containers[0].Ports.Add(new ContainerPort { ContainerPort_ = 80, HostPort = 0 }) },
        { "spec.containers[0].resources.limits[cpu]: Invalid value \"-1\": must not be negative", pod => pod.Spec.Containers[0].Resources = new ResourceRequirements { Limits = { ["cpu"] = "-1" } } },
        { "spec.containers[0].workingDir: Invalid value \"tmp\": must be an absolute path, which begins with '/'", pod => pod.Spec.Containers[0].WorkingDir = "tmp" },
        { "spec.restartPolicy: Unsupported value \"x\": must be one of \"Always\", \"OnFailure\", \"Never\"", pod => pod.Spec.RestartPolicy = "x" },
        { "status.conditions[0].status: Required value: one of \"True\", \"False\", \"Unknown\"", pod => pod.Status = new PodStatus { Conditions = { new Condition { Type = "Ready" } } } },
    };

    [Theory, MemberData(nameof(Breakages))]
    public void Each_rule_says_what_is_wrong(string error, Action<Pod> breakage)
    {
        var pod = Valid();
        Assert.Empty(Validation.Check(pod));
        breakage(pod);
        Assert.Equal(error, Assert.Single(Validation.Check(pod)).ToString());
    }

    [Fact]
    public void All_errors_come_at_once()
    {
        var pod = new Pod { Metadata = new ObjectMeta { Name = "..", Labels = { ["a b"] = "c d" } }, Spec = new PodSpec() };
        Assert.Equal(["metadata.name", "metadata.labels[a b]", "metadata.labels[a b]", "spec.containers"], Validation.Check(pod).Select(error => error.Path));
    }

    [Fact]
    public void A_generated_name_may_end_with_a_dash()
    {
        Assert.Empty(Validation.Check(new Namespace { Metadata = new ObjectMeta { GenerateName = "web-" } }));
        Assert.Equal("metadata.generateName", Assert.Single(Validation.Check(new Namespace { Metadata = new ObjectMeta { GenerateName = "-web" } })).Path);
    }

    [Fact]
    public void A_cluster_wide_object_has_no_namespace() =>
        Assert.Equal(FieldReasons.Forbidden, Assert.Single(Validation.Check(new Node { Metadata = new ObjectMeta { Name = "n", Namespace = "x" } })).Reason);

    [Fact]
    public void A_part_is_checked_by_itself() =>
        Assert.Equal("phase", Assert.Single(Validation.Check(new VirtualMachineStatus { Phase = "Gone" })).Path);

    [Fact]
    public void An_update_leaves_alone_what_is_immutable()
    {
        var old = new RuntimeClass { Metadata = new ObjectMeta { Name = "fast", Uid = "1" }, Handler = "qemu" };
        Assert.Empty(Validation.CheckUpdate(old, old));
        Assert.Equal(
            [
                "metadata.name: Invalid value \"slow\": the field can't be changed once the object exists; it is \"fast\"",
                "metadata.uid: Invalid value \"2\": the field can't be changed once the object exists; it is \"1\"",
                "handler: Invalid value: the field can't be changed once the object exists; it is \"qemu\"",
            ],
            Validation.CheckUpdate(old, new RuntimeClass { Metadata = new ObjectMeta { Name = "slow", Uid = "2" }, Handler = "uml" }).Select(error => error.ToString()));
        Assert.Throws<ArgumentException>(() => Validation.CheckUpdate(old, new Pod()));
    }

    [Fact]
    public void Defaults_fill_in_only_what_is_absent()
    {
        var pod = Valid();
        pod.Spec.TerminationGracePeriodSeconds = 0;
        pod.Spec.Tolerations.Add(new Toleration { Key = "a" });
        pod.Spec.RestartPolicy = "Never";
        Defaults.Apply(pod);
        Assert.Equal(("Never", 0L, "Equal", "default-scheduler"), (pod.Spec.RestartPolicy, pod.Spec.TerminationGracePeriodSeconds, pod.Spec.Tolerations[0].Operator, pod.Spec.SchedulerName));
        var again = pod.Clone();
        Defaults.Apply(again);
        Assert.Equal(pod, again);
    }
}
