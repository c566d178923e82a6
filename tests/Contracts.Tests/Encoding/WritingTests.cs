using Google.Protobuf.WellKnownTypes;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Contracts.Tests.Encoding;

public sealed class WritingTests
{
    private static readonly Timestamp Time = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));

    [Fact]
    public void A_pod_is_written_as_Kubernetes_writes_it()
    {
        var pod = new Pod
        {
            Metadata = new ObjectMeta { Name = "web", Uid = "u", Generation = 3, CreationTimestamp = Time, DeletionGracePeriodSeconds = 0 },
            Spec = new PodSpec
            {
                HostNetwork = true,
                TerminationGracePeriodSeconds = 0,
                Containers = { new Container { Name = "c", Image = "<i>&é😀", Ports = { new ContainerPort { ContainerPort_ = 80, HostIp = "10.0.0.1" } }, SecurityContext = new SecurityContext() } },
            },
            Status = new PodStatus
            {
                PodIp = "10.0.0.2",
                PodIps = { new PodIP { Ip = "10.0.0.2" } },
                ContainerStatuses =
                {
                    new ContainerStatus { Name = "c", ImageId = "x", ContainerId = "y", Started = false, LastState = new ContainerState { Terminated = new ContainerStateTerminated { ExitCode = 0 } } },
                },
            },
        };
        pod.Metadata.Labels.Add("b", "2");
        pod.Metadata.Labels.Add("a", "1");

        Assert.Equal(
            """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","uid":"u","generation":3,"creationTimestamp":"2026-01-02T03:04:05Z","deletionGracePeriodSeconds":0,"labels":{"a":"1","b":"2"}},
            "spec":{"containers":[{"name":"c","image":"<i>&é\uD83D\uDE00","ports":[{"containerPort":80,"hostIP":"10.0.0.1"}],"securityContext":{}}],"terminationGracePeriodSeconds":0,"hostNetwork":true},
            "status":{"podIP":"10.0.0.2","podIPs":[{"ip":"10.0.0.2"}],"containerStatuses":[{"name":"c","lastState":{"terminated":{"exitCode":0}},"imageID":"x","containerID":"y","started":false}]}}
            """.ReplaceLineEndings(""),
            ObjectJson.EncodeText(pod));
    }

    [Fact]
    public void A_node_has_the_field_names_of_Kubernetes()
    {
        var node = new Node
        {
            Spec = new NodeSpec { PodCidr = "10.1.0.0/24", ProviderId = "p" },
            Status = new NodeStatus { NodeInfo = new NodeSystemInfo { MachineId = "m", BootId = "b", OsImage = "o", KernelVersion = "k" } },
        };
        Assert.Equal(
            """
            {"apiVersion":"v1","kind":"Node","spec":{"podCIDR":"10.1.0.0/24","providerID":"p"},"status":{"nodeInfo":{"machineID":"m","bootID":"b","kernelVersion":"k","osImage":"o"}}}
            """,
            ObjectJson.EncodeText(node));
    }

    [Fact]
    public void A_part_is_written_without_a_kind_and_64_bits_are_a_number()
    {
        var domain = new DomainInfo { ProcessId = long.MaxValue, VcpuThreadIds = { 1, -2 } };
        Assert.Equal("""{"processId":9223372036854775807,"vcpuThreadIds":[1,-2]}""", ObjectJson.EncodeText(domain));
        Assert.Equal("{}", ObjectJson.EncodeText(new PodStatus()));
    }

    [Fact]
    public void Lines_are_indented_as_kubectl_does() => Assert.Equal(
        "{\n    \"apiVersion\": \"v1\",\n    \"kind\": \"Namespace\",\n    \"metadata\": {\n        \"name\": \"a\"\n    }\n}",
        ObjectJson.EncodeIndented(new Namespace { Metadata = new ObjectMeta { Name = "a" } }));

    [Theory]
    [InlineData("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z")]
    [InlineData("2026-01-02T03:04:05.1234567Z", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456Z")]
    [InlineData("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z", "2026-01-02T01:04:05.000000Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z")]
    [InlineData("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000Z")]
    public void A_time_keeps_seconds_or_microseconds(string text, string seconds, string microseconds)
    {
        Assert.True(WireTime.TryParse(text, out var time));
        Span<char> buffer = stackalloc char[WireTime.MaximumLength];
        Assert.Equal(seconds, buffer[..WireTime.Format(time!, micro: false, buffer)].ToString());
        Assert.Equal(microseconds, buffer[..WireTime.Format(time!, micro: true, buffer)].ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-01-02")]
    [InlineData("2026-01-02T03:04:05")]
    [InlineData("2026-01-02 03:04:05Z")]
    [InlineData("2026-13-02T03:04:05Z")]
    [InlineData("2026-01-02T03:04:60Z")]
    [InlineData("2026-01-02T03:04:05ZZ")]
    [InlineData("2026-01-02T03:04:05+99:00")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("9999-12-31T23:59:59-14:00")]
    [InlineData(" 2026-01-02T03:04:05Z")]
    public void What_is_no_time_is_refused(string text) => Assert.False(WireTime.TryParse(text, out _));
}
