using Orchestrator.Agents.V1;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Tests.Assignments;

/// <summary>
/// What runs before and beside a pod's containers, by the whole agent over fakes. Upstream's node-conformance specs for these are
/// "InitContainer" and "Containers Lifecycle".
/// </summary>
public sealed class InitContainerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task They_run_one_after_the_other_and_then_the_containers()
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync(Pod("order", "Always", [Init("one"), Init("two")]));
        var first = await agent.Session.PodAsync("uid-order", s => Runs(s, 0), FakeAgent.Limit);
        Assert.Equal(("Pending", "PodInitializing", "PodInitializing"),
            (first.Phase, first.InitContainerStatuses[1].State.Waiting.Reason, first.ContainerStatuses[0].State.Waiting.Reason));
        Assert.Equal(("False", "containers with incomplete status: [one two]"), Initialized(first));
        agent.Containerd.Kill("order", "one", 0, "Completed");
        var second = await agent.Session.PodAsync("uid-order", s => Runs(s, 1), FakeAgent.Limit);
        Assert.Equal(("Completed", true), (second.InitContainerStatuses[0].State.Terminated.Reason, second.InitContainerStatuses[0].Ready));
        Assert.Equal(("False", "containers with incomplete status: [two]"), Initialized(second));
        Assert.Null(second.ContainerStatuses[0].State.Running);
        agent.Containerd.Kill("order", "two", 0, "Completed");
        var running = await agent.Session.PodAsync("uid-order", s => s.Phase == "Running", FakeAgent.Limit);
        Assert.Equal("True", Initialized(running).Status);
        Assert.Contains(running.Conditions, condition => condition is { Type: "Ready", Status: "True" });
        Assert.Contains(agent.Session.Events, told => told is { Reason: "Started", FieldPath: "spec.initContainers{two}" });
    }

    [Theory]
    [InlineData("Always")]
    [InlineData("OnFailure")]
    public async Task One_that_fails_is_tried_again_with_back_off(string policy)
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync(Pod("flaky", policy, [Init("prepare")]));
        await agent.Session.PodAsync("uid-flaky", s => Runs(s, 0), FakeAgent.Limit);
        agent.Containerd.Kill("flaky", "prepare", 5, "Error");
        await agent.Session.PodAsync("uid-flaky", s => Runs(s, 0) && s.InitContainerStatuses[0].RestartCount == 1, FakeAgent.Limit);
        agent.Containerd.Kill("flaky", "prepare", 5, "Error");
        var waits = await agent.Session.PodAsync("uid-flaky", s => s.InitContainerStatuses[0].State.Waiting?.Reason == "CrashLoopBackOff", FakeAgent.Limit);
        Assert.Equal(("Pending", 5), (waits.Phase, waits.InitContainerStatuses[0].LastState.Terminated.ExitCode));
        await agent.PassAsync(Second, agent.Session.PodAsync("uid-flaky", s => Runs(s, 0) && s.InitContainerStatuses[0].RestartCount == 2, FakeAgent.Limit));
        agent.Containerd.Kill("flaky", "prepare", 0, "Completed");
        await agent.Session.PodAsync("uid-flaky", s => s.Phase == "Running", FakeAgent.Limit);
    }

    [Fact]
    public async Task One_that_fails_in_a_pod_that_never_restarts_fails_the_pod()
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync(Pod("doomed", "Never", [Init("prepare", "exit 5")]));
        var failed = await agent.Session.PodAsync("uid-doomed", s => s.Phase == "Failed", FakeAgent.Limit);
        Assert.Equal(5, failed.InitContainerStatuses[0].State.Terminated.ExitCode);
        Assert.Equal("False", Initialized(failed).Status);
        Assert.DoesNotContain(agent.Containerd.Containers.Values, container => container.Config.Metadata.Name == "main");
        await agent.Session.PodAsync("uid-doomed", s => s.Conditions.Any(c => c is { Type: "PodReadyToStartContainers", Status: "False" }), FakeAgent.Limit);
    }

    [Fact]
    public async Task They_run_again_in_a_new_sandbox()
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync(Pod("lost", "Always", [Init("prepare", "exit 0")]));
        await agent.Session.PodAsync("uid-lost", s => s.Phase == "Running", FakeAgent.Limit);
        agent.Containerd.Sandboxes.Values.Single().Ready = false;
        agent.Containerd.Kill("lost", "main", 137, "Error");
        var again = await agent.PassAsync(Second, agent.Session.PodAsync("uid-lost", s => s.Phase == "Running" && s.ContainerStatuses[0] is { RestartCount: 1, Ready: true }, FakeAgent.Limit));
        Assert.Equal(("Completed", 1), (again.InitContainerStatuses[0].State.Terminated.Reason, again.InitContainerStatuses[0].RestartCount));
    }

    [Fact]
    public async Task A_successor_doesnt_run_them_again()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pod = Pod("keep", "Always", [Init("prepare", "exit 0"), Sidecar("proxy")]);
        await agent.Session.DesireAsync(pod);
        await agent.Session.PodAsync("uid-keep", s => s.Phase == "Running", FakeAgent.Limit);
        await agent.KillProcessAsync();
        agent.Containerd.Calls.Clear();
        await agent.StartProcessAsync();
        await agent.Session.DesireAsync(pod);
        var kept = await agent.Session.PodAsync("uid-keep", s => s.Phase == "Running", FakeAgent.Limit);
        Assert.Equal("True", Initialized(kept).Status);
        Assert.Empty(agent.Containerd.Calls);
    }

    [Fact]
    public async Task A_sidecar_starts_before_the_containers_is_restarted_and_ends_after_them()
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync(Pod("job", "Never", [Sidecar("proxy"), Init("prepare")]));
        var first = await agent.Session.PodAsync("uid-job", s => Runs(s, 1), FakeAgent.Limit);
        Assert.True(first.InitContainerStatuses[0] is { Started: true, Ready: true });
        Assert.Equal(("False", "containers with incomplete status: [prepare]"), Initialized(first));
        agent.Containerd.Kill("job", "prepare", 0, "Completed");
        await agent.Session.PodAsync("uid-job", s => s.Phase == "Running", FakeAgent.Limit);
        agent.Containerd.Kill("job", "proxy", 9, "Error");
        await agent.Session.PodAsync("uid-job", s => Runs(s, 0) && s.InitContainerStatuses[0].RestartCount == 1, FakeAgent.Limit);
        agent.Containerd.Kill("job", "main", 0, "Completed");
        var done = await agent.Session.PodAsync("uid-job", s => s.Phase == "Succeeded", FakeAgent.Limit);
        Assert.Equal(143, done.InitContainerStatuses[0].State.Terminated.ExitCode);
        Assert.Equal("True", Initialized(done).Status);
    }

    [Fact]
    public async Task A_pod_that_goes_ends_its_containers_first_and_its_sidecars_in_reverse()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pod = Pod("bye", "Always", [Sidecar("first"), Sidecar("second")]);
        await agent.Session.DesireAsync(pod);
        await agent.Session.PodAsync("uid-bye", s => s.Phase == "Running", FakeAgent.Limit);
        await agent.Session.ChangeAsync(pod.Deleting());
        await agent.Session.GoneAsync("uid-bye", FakeAgent.Limit);
        Assert.Equal(["spec.containers{main}", "spec.initContainers{second}", "spec.initContainers{first}"],
            agent.Session.Events.Where(told => told.Reason == "Killing").Select(told => told.FieldPath));
    }

    private static Assignment Pod(string name, string policy, Container[] before)
    {
        var pod = TestPods.Pod(name, "busybox:1", "exec sleep 1000", policy);
        pod.Pod.Spec.InitContainers.Add(before);
        return pod;
    }

    private static Container Init(string name, string script = "exec sleep 1000")
        => new() { Name = name, Image = "busybox:1", Command = { "/bin/sh", "-c", script } };

    private static Container Sidecar(string name)
    {
        var container = Init(name);
        container.RestartPolicy = "Always";
        return container;
    }

    private static bool Runs(PodStatus status, int init) => status.InitContainerStatuses[init].State.Running is not null;

    private static (string Status, string Message) Initialized(PodStatus status)
    {
        var condition = status.Conditions.Single(condition => condition.Type == "Initialized");
        return (condition.Status, condition.Message);
    }
}
