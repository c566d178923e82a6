using Orchestrator.Agents.V1;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Tests.Assignments;

/// <summary>A pod's life as a user sees it, by the whole agent over fakes, on the test's own clock.</summary>
public sealed class PodLifeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_crashing_container_backs_off_ten_seconds_then_double()
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync(TestPods.Pod("crash", "busybox:1", "exit 3"));
        var first = await agent.Session.PodAsync("uid-crash", s => WaitsFor(s, "CrashLoopBackOff"), FakeAgent.Limit);
        Assert.Equal(1, first.ContainerStatuses[0].RestartCount);
        Assert.Equal(("Running", 3), (first.Phase, first.ContainerStatuses[0].LastState.Terminated.ExitCode));
        Assert.Contains("back-off 10s", first.ContainerStatuses[0].State.Waiting.Message, StringComparison.Ordinal);
        var from = agent.Time.GetUtcNow();
        await agent.PassAsync(Second, agent.Session.PodAsync("uid-crash", s => WaitsFor(s, "CrashLoopBackOff") && s.ContainerStatuses[0].RestartCount == 2, FakeAgent.Limit));
        Assert.InRange((agent.Time.GetUtcNow() - from).TotalSeconds, 10, 60);
        Assert.Contains(agent.Session.Events, told => told is { Reason: "BackOff", Type: "Warning", FieldPath: "spec.containers{main}" });
    }

    [Theory]
    [InlineData("Never", "exit 0", "Succeeded", "Completed")]
    [InlineData("Never", "exit 4", "Failed", "Error")]
    [InlineData("OnFailure", "exit 0", "Succeeded", "Completed")]
    public async Task A_pod_that_is_done_says_so_and_gives_its_network_back(string policy, string script, string phase, string reason)
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync(TestPods.Pod("done", "busybox:1", script, policy));
        var status = await agent.Session.PodAsync(
            "uid-done", s => s.Phase == phase && s.Conditions.Any(c => c is { Type: "PodReadyToStartContainers", Status: "False" }), FakeAgent.Limit);
        Assert.Equal(reason, status.ContainerStatuses[0].State.Terminated.Reason);
        Assert.Equal(0, status.ContainerStatuses[0].RestartCount);
        Assert.NotEmpty(status.PodIp);
        Assert.All(agent.Containerd.Sandboxes.Values, sandbox => Assert.False(sandbox.Ready));
    }

    [Fact]
    public async Task A_pod_that_is_not_done_by_its_deadline_is_ended_and_has_failed()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pod = TestPods.Pod("late", "busybox:1", "exec sleep 1000", "Always");
        pod.Pod.Spec.ActiveDeadlineSeconds = 30;
        await agent.Session.DesireAsync(pod);
        await agent.Session.PodAsync("uid-late", s => s.Phase == "Running", FakeAgent.Limit);
        var from = agent.Time.GetUtcNow();
        var failed = agent.Session.PodAsync("uid-late", s => s.Phase == "Failed", FakeAgent.Limit);
        await agent.PassAsync(Second, failed);
        Assert.InRange((agent.Time.GetUtcNow() - from).TotalSeconds, 29, 60);
        Assert.Equal(("DeadlineExceeded", 0), ((await failed).Reason, (await failed).ContainerStatuses[0].RestartCount));
        Assert.NotNull((await failed).ContainerStatuses[0].State.Terminated);
        Assert.Single(agent.Session.Events, told => told.Reason == "DeadlineExceeded");
        await agent.Session.PodAsync("uid-late", s => s.Conditions.Any(c => c is { Type: "PodReadyToStartContainers", Status: "False" }), FakeAgent.Limit);
    }

    [Fact]
    public async Task A_deadline_also_ends_the_wait_for_an_image()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pod = TestPods.Pod("nothing", "registry/app:1", "exec sleep 1000");
        pod.Pod.Spec.ActiveDeadlineSeconds = 30;
        await agent.Session.DesireAsync(pod);
        await agent.Session.PodAsync("uid-nothing", s => WaitsFor(s, "ErrImagePull"), FakeAgent.Limit);
        await agent.PassAsync(Second, agent.Session.PodAsync("uid-nothing", s => s is { Phase: "Failed", Reason: "DeadlineExceeded" }, FakeAgent.Limit));
    }

    [Fact]
    public async Task A_missing_image_is_told_backed_off_and_found_when_it_appears()
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync(TestPods.Pod("pull", "registry/app:1", "exec sleep 1000"));
        var failed = await agent.Session.PodAsync("uid-pull", s => WaitsFor(s, "ErrImagePull"), FakeAgent.Limit);
        Assert.Equal("Pending", failed.Phase);
        Assert.Contains("registry/app:1: not found", failed.ContainerStatuses[0].State.Waiting.Message, StringComparison.Ordinal);
        await agent.PassAsync(Second, agent.Session.PodAsync("uid-pull", s => WaitsFor(s, "ImagePullBackOff"), FakeAgent.Limit));
        agent.Containerd.Images.Registry["registry/app:1"] = true;
        await agent.PassAsync(Second, agent.Session.PodAsync("uid-pull", s => s.Phase == "Running", FakeAgent.Limit));
        Assert.Contains(agent.Session.Events, told => told is { Reason: "Failed", Message: "Error: ErrImagePull" });
        Assert.Contains(agent.Session.Events, told => told.Reason == "Pulled" && told.Message.StartsWith("Successfully pulled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_image_that_must_not_be_pulled_is_waited_for()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pod = TestPods.Pod("never", "late:1", "exec sleep 1000");
        pod.Pod.Spec.Containers[0].ImagePullPolicy = "Never";
        await agent.Session.DesireAsync(pod);
        await agent.Session.PodAsync("uid-never", s => WaitsFor(s, "ErrImageNeverPull"), FakeAgent.Limit);
        agent.Containerd.Images.Add("late:1");
        await agent.PassAsync(Second, agent.Session.PodAsync("uid-never", s => s.Phase == "Running", FakeAgent.Limit));
        Assert.DoesNotContain(agent.Containerd.Calls, call => call.StartsWith("PullImage", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sandbox_that_cannot_be_made_is_told_and_tried_again()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Containerd.Refuse["RunPodSandbox"] = "no address is left";
        await agent.Session.DesireAsync(TestPods.Pod("sandbox", "busybox:1", "exec sleep 1000"));
        var told = await agent.Session.NextAsync(m => m.Event?.Reason == "FailedCreatePodSandBox", FakeAgent.Limit);
        Assert.Equal("Failed to create pod sandbox: no address is left", told.Event.Message);
        agent.Containerd.Refuse.Clear();
        await agent.PassAsync(Second, agent.Session.PodAsync("uid-sandbox", s => s.Phase == "Running", FakeAgent.Limit));
    }

    [Fact]
    public async Task A_container_that_ran_out_of_memory_is_restarted_and_remembered()
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync(TestPods.Pod("hungry", "busybox:1", "exec sleep 1000"));
        await agent.Session.PodAsync("uid-hungry", s => s.Phase == "Running", FakeAgent.Limit);
        agent.Containerd.Kill("hungry", "main", 137, "OOMKilled");
        var status = await agent.PassAsync(Second, agent.Session.PodAsync("uid-hungry", s => s.ContainerStatuses[0] is { RestartCount: 1, Ready: true }, FakeAgent.Limit));
        Assert.Equal(("OOMKilled", 137), (status.ContainerStatuses[0].LastState.Terminated.Reason, status.ContainerStatuses[0].LastState.Terminated.ExitCode));
    }

    [Fact]
    public async Task A_change_that_no_event_tells_is_found_by_listing()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Containerd.Events.Silent = true;
        await agent.Session.DesireAsync(TestPods.Pod("quiet", "busybox:1", "exec sleep 1000"));
        await agent.Session.PodAsync("uid-quiet", s => s.Phase == "Running", FakeAgent.Limit);
        agent.Containerd.Kill("quiet", "main", 9, "Error");
        await agent.PassAsync(Second, agent.Session.PodAsync("uid-quiet", s => s.ContainerStatuses[0] is { RestartCount: 1, Ready: true }, FakeAgent.Limit));
    }

    [Fact]
    public async Task Hanging_pods_hold_nobody_up_and_can_be_deleted()
    {
        await using var agent = await FakeAgent.StartAsync();
        var hanging = Enumerable.Range(0, 20).Select(i => TestPods.Pod($"hang{i}", "busybox:1", "exec sleep 1000")).ToArray();
        foreach (var pod in hanging) agent.Containerd.Hang[("RunPodSandbox", pod.Pod.Metadata.Name)] = true;
        await agent.Session.DesireAsync([.. hanging, TestPods.Pod("fine", "busybox:1", "exec sleep 1000")]);
        await agent.PassAsync(Second, agent.Session.PodAsync("uid-fine", s => s.Phase == "Running", FakeAgent.Limit));
        await agent.Session.ChangeAsync(hanging[0].Deleting());
        await agent.PassAsync(Second, agent.Session.GoneAsync("uid-hang0", FakeAgent.Limit));
    }

    [Fact]
    public async Task A_successor_adopts_what_runs_and_disturbs_nothing()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pods = Enumerable.Range(0, 5).Select(i => TestPods.Pod($"keep{i}", "busybox:1", "exec sleep 1000")).ToArray();
        await agent.Session.DesireAsync(pods);
        foreach (var pod in pods) await agent.Session.PodAsync(pod.Pod.Metadata.Uid, s => s.Phase == "Running", FakeAgent.Limit);
        await agent.KillProcessAsync();
        agent.Containerd.Calls.Clear();
        await agent.StartProcessAsync();
        await agent.Session.DesireAsync(pods[..4]);
        foreach (var pod in pods[..4]) await agent.Session.PodAsync(pod.Pod.Metadata.Uid, s => s is { Phase: "Running" } && s.ContainerStatuses[0].RestartCount == 0, FakeAgent.Limit);
        await agent.PassAsync(Second, agent.Session.GoneAsync("uid-keep4", FakeAgent.Limit));
        Assert.All(agent.Containerd.Calls, call => Assert.Equal("StopContainer keep4", call));
        Assert.Equal(4, agent.Containerd.Sandboxes.Count);
    }

    [Fact]
    public async Task What_runs_stays_until_the_silo_has_said_what_shall()
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync(TestPods.Pod("stay", "busybox:1", "exec sleep 1000"));
        await agent.Session.PodAsync("uid-stay", s => s.Phase == "Running", FakeAgent.Limit);
        await agent.KillProcessAsync();
        await agent.StartProcessAsync();
        // Several lists go by; heartbeats show that time does.
        for (var i = 0; i < 5; i++)
            await agent.PassAsync(Second, agent.Session.NextAsync(m => m.Heartbeat is not null, FakeAgent.Limit));
        Assert.Single(agent.Containerd.Sandboxes);
        await agent.Session.DesireAsync();
        await agent.PassAsync(Second, agent.Session.GoneAsync("uid-stay", FakeAgent.Limit));
        Assert.Empty(agent.Containerd.Sandboxes);
    }

    [Fact]
    public async Task Deleting_gives_the_grace_period_and_reports_the_end()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pod = TestPods.Pod("bye", "busybox:1", "exec sleep 1000", graceSeconds: 7);
        await agent.Session.DesireAsync(pod);
        await agent.Session.PodAsync("uid-bye", s => s.Phase == "Running", FakeAgent.Limit);
        await agent.Session.ChangeAsync(pod.Deleting());
        var ended = await agent.Session.PodAsync("uid-bye", s => s.ContainerStatuses[0].State.Terminated is not null, FakeAgent.Limit);
        Assert.Equal(143, ended.ContainerStatuses[0].State.Terminated.ExitCode);
        await agent.Session.GoneAsync("uid-bye", FakeAgent.Limit);
        Assert.Empty(agent.Containerd.Sandboxes);
        Assert.Empty(agent.Containerd.Containers);
    }

    private static bool WaitsFor(PodStatus status, string reason) => status.ContainerStatuses[0].State.Waiting?.Reason == reason;
}
