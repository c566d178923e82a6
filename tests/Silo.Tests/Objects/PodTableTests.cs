using Google.Protobuf;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects.Tables;

namespace Orchestrator.Silo.Tests.Objects;

/// <summary>A pod's line while its init containers run, as kubectl prints it.</summary>
public sealed class PodTableTests
{
    private static readonly ContainerState Done = new() { Terminated = new ContainerStateTerminated { ExitCode = 0, Reason = "Completed" } };
    private static readonly ContainerState Running = new() { Running = new ContainerStateRunning() };

    [Fact]
    public void It_counts_what_is_done()
    {
        Assert.Equal(("0/1", "Init:0/2"), Line(Pod(Init("a", Running), Init("b", Waiting("PodInitializing")))));
        Assert.Equal(("0/1", "Init:1/2"), Line(Pod(Init("a", Done), Init("b", Running))));
        Assert.Equal(("0/1", "PodInitializing"), Line(Pod(Init("a", Done), Init("b", Done))));
    }

    [Fact]
    public void It_says_what_keeps_it()
    {
        Assert.Equal("Init:CrashLoopBackOff", Line(Pod(Init("a", Waiting("CrashLoopBackOff")))).Status);
        Assert.Equal("Init:Error", Line(Pod(Init("a", new ContainerState { Terminated = new ContainerStateTerminated { ExitCode = 4, Reason = "Error" } }))).Status);
        Assert.Equal("Init:ExitCode:4", Line(Pod(Init("a", new ContainerState { Terminated = new ContainerStateTerminated { ExitCode = 4 } }))).Status);
    }

    [Fact]
    public void A_sidecar_counts_among_the_ready_ones_and_as_done_once_it_has_started()
    {
        var pod = Pod(Init("side", Running), Init("b", Running));
        pod.Spec.InitContainers[0].RestartPolicy = "Always";
        Assert.Equal(("0/2", "Init:0/2"), Line(pod));
        (pod.Status.InitContainerStatuses[0].Started, pod.Status.InitContainerStatuses[0].Ready) = (true, true);
        Assert.Equal(("1/2", "Init:1/2"), Line(pod));
    }

    [Fact]
    public void Once_initialized_only_the_containers_count()
    {
        var pod = Pod(Init("a", Waiting("CrashLoopBackOff")));
        pod.Status.Conditions.Add(new Condition { Type = "Initialized", Status = "True" });
        pod.Status.InitContainerStatuses[0].RestartCount = 7;
        (pod.Status.Phase, pod.Status.ContainerStatuses[0].State, pod.Status.ContainerStatuses[0].Ready) = ("Running", Running, true);
        Assert.Equal(("1/1", "Running"), Line(pod));
        Assert.Equal("0", Cell(pod, "Restarts"));
    }

    private static (string Ready, string Status) Line(Pod pod) => (Cell(pod, "Ready"), Cell(pod, "Status"));

    private static string Cell(Pod pod, string column)
    {
        var kind = KindCatalog.Of<Pod>();
        var stored = new StoredObject(new ObjectKey(kind.Resource, "default", "p"), kind, new Revision(1), pod.ToByteArray());
        return PodTable.Layout.Columns.Single(known => known.Name == column).Cell(stored, DateTimeOffset.UnixEpoch);
    }

    private static Pod Pod(params ContainerStatus[] init)
    {
        var pod = new Pod
        {
            Metadata = new ObjectMeta { Name = "p", Namespace = "default" },
            Spec = new PodSpec { Containers = { new Container { Name = "main", Image = "i" } } },
            Status = new PodStatus { Phase = "Pending", ContainerStatuses = { new ContainerStatus { Name = "main", State = Waiting("PodInitializing") } } },
        };
        pod.Spec.InitContainers.Add(init.Select(status => new Container { Name = status.Name, Image = "i" }));
        pod.Status.InitContainerStatuses.Add(init);
        return pod;
    }

    private static ContainerStatus Init(string name, ContainerState state) => new() { Name = name, State = state };

    private static ContainerState Waiting(string reason) => new() { Waiting = new ContainerStateWaiting { Reason = reason } };
}
