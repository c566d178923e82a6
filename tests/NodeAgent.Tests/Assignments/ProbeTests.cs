using Orchestrator.Agents.V1;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Tests.Assignments;

/// <summary>
/// Probes as a user sees them, by the whole agent over fakes, on the test's own clock. Upstream's node-conformance spec for these is
/// "Probing container". The probes here ask for a file, which the test gives and takes.
/// </summary>
public sealed class ProbeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Readiness_comes_and_goes_and_restarts_nothing()
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync(Pod("web", container => container.ReadinessProbe = Asks("ready", failures: 2)));
        var unready = await agent.Session.PodAsync("uid-web", s => s.Phase == "Running", FakeAgent.Limit);
        Assert.Equal((false, true), (unready.ContainerStatuses[0].Ready, unready.ContainerStatuses[0].Started));
        Assert.Contains(unready.Conditions, c => c is { Type: "Ready", Status: "False", Reason: "ContainersNotReady" });
        agent.Containerd.Files["ready"] = true;
        await PassUntilAsync(agent, "uid-web", s => s.ContainerStatuses[0].Ready && s.Conditions.Any(c => c is { Type: "Ready", Status: "True" }));
        agent.Containerd.Files.Clear();
        var from = agent.Time.GetUtcNow();
        var again = await PassUntilAsync(agent, "uid-web", s => !s.ContainerStatuses[0].Ready);
        // Two failures, a period of ten seconds apart.
        Assert.InRange((agent.Time.GetUtcNow() - from).TotalSeconds, 10, 60);
        Assert.Equal(0, again.ContainerStatuses[0].RestartCount);
        Assert.Contains(agent.Session.Events, told => told is { Type: "Warning", Reason: "Unhealthy", FieldPath: "spec.containers{main}" }
            && told.Message == "Readiness probe failed: the command ended with status 1");
    }

    [Fact]
    public async Task A_container_that_is_not_alive_is_restarted_and_the_reason_told()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Containerd.Files["alive"] = true;
        await agent.Session.DesireAsync(Pod("sick", container =>
        {
            container.LivenessProbe = Asks("alive");
            container.LivenessProbe.TerminationGracePeriodSeconds = 5;
        }));
        await agent.Session.PodAsync("uid-sick", s => s.ContainerStatuses[0].Ready, FakeAgent.Limit);
        agent.Containerd.Files.Clear();
        var restarted = await PassUntilAsync(agent, "uid-sick", s => s.ContainerStatuses[0] is { RestartCount: 1, State.Running: not null });
        Assert.Equal(143, restarted.ContainerStatuses[0].LastState.Terminated.ExitCode);
        Assert.Contains(agent.Session.Events, told => told is { Reason: "Killing", Message: "Stopping container main: it failed its liveness probe" });
        Assert.Contains(agent.Session.Events, told => told is { Reason: "Unhealthy" } && told.Message.StartsWith("Liveness probe failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Until_it_has_started_it_is_not_asked_whether_it_lives()
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync(Pod("slow", container =>
        {
            container.StartupProbe = Asks("started", failures: 1000);
            container.LivenessProbe = Asks("alive", failures: 1);
        }));
        var starting = await agent.Session.PodAsync("uid-slow", s => s.Phase == "Running", FakeAgent.Limit);
        Assert.Equal((false, false), (starting.ContainerStatuses[0].Started, starting.ContainerStatuses[0].Ready));
        await PassUntilAsync(agent, "slow", calls: 4);
        agent.Containerd.Files["alive"] = true;
        agent.Containerd.Files["started"] = true;
        var started = await PassUntilAsync(agent, "uid-slow", s => s.ContainerStatuses[0] is { Started: true, Ready: true });
        Assert.Equal(0, started.ContainerStatuses[0].RestartCount);
        agent.Containerd.Files.Clear();
        await PassUntilAsync(agent, "uid-slow", s => s.ContainerStatuses[0].RestartCount == 1);
    }

    [Fact]
    public async Task One_that_never_starts_is_restarted()
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync(Pod("stuck", container => container.StartupProbe = Asks("started")));
        await PassUntilAsync(agent, "uid-stuck", s => s.ContainerStatuses[0].RestartCount == 1);
        Assert.Contains(agent.Session.Events, told => told is { Reason: "Killing", Message: "Stopping container main: it failed its startup probe" });
    }

    [Fact]
    public async Task What_comes_after_a_sidecar_waits_until_it_has_started()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pod = Pod("proxied", _ => { });
        pod.Pod.Spec.InitContainers.Add(new Container
        {
            Name = "proxy",
            Image = "busybox:1",
            Command = { "/bin/sh", "-c", "exec sleep 1000" },
            RestartPolicy = "Always",
            StartupProbe = Asks("started", failures: 1000),
        });
        await agent.Session.DesireAsync(pod);
        var waiting = await agent.Session.PodAsync("uid-proxied", s => s.InitContainerStatuses[0].State.Running is not null, FakeAgent.Limit);
        Assert.Equal(("Pending", "PodInitializing"), (waiting.Phase, waiting.ContainerStatuses[0].State.Waiting.Reason));
        agent.Containerd.Files["started"] = true;
        await PassUntilAsync(agent, "uid-proxied", s => s.Phase == "Running" && s.ContainerStatuses[0].Ready);
    }

    [Fact]
    public async Task A_probe_that_hangs_fails_after_its_timeout_and_holds_up_nobody()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Containerd.Files["ready"] = true;
        agent.Containerd.Files["alive"] = true;
        var hanging = Enumerable.Range(0, 40).Select(i => Pod($"hang{i}", container => container.LivenessProbe = Asks("alive", timeout: 60, failures: 1))).ToArray();
        foreach (var pod in hanging) agent.Containerd.Hang[("ExecSync", pod.Pod.Metadata.Name)] = true;
        await agent.Session.DesireAsync(hanging);
        foreach (var pod in hanging) await agent.Session.PodAsync(pod.Pod.Metadata.Uid, s => s.Phase == "Running", FakeAgent.Limit);
        await agent.Session.ChangeAsync(Pod("fine", container => container.ReadinessProbe = Asks("ready")));
        var from = agent.Time.GetUtcNow();
        await PassUntilAsync(agent, "uid-fine", s => s.ContainerStatuses[0].Ready);
        Assert.InRange((agent.Time.GetUtcNow() - from).TotalSeconds, 0, 55);
        await PassUntilAsync(agent, "uid-hang0", s => s.ContainerStatuses[0].RestartCount == 1);
        Assert.Contains(agent.Session.Events, told => told.Message == "Liveness probe failed: timed out after 60s");
    }

    [Fact]
    public async Task A_successor_goes_on_from_what_the_status_says()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Containerd.Files["ready"] = true;
        var pod = Pod("keep", container => (container.ReadinessProbe, container.StartupProbe) = (Asks("ready", failures: 2), Asks("ready")));
        await agent.Session.DesireAsync(pod);
        var before = await PassUntilAsync(agent, "uid-keep", s => s.ContainerStatuses[0].Ready);
        await agent.KillProcessAsync();
        await agent.StartProcessAsync();
        pod.Pod.Status = before;
        await agent.Session.DesireAsync(pod);
        var first = await agent.Session.PodAsync("uid-keep", _ => true, FakeAgent.Limit);
        Assert.True(first.ContainerStatuses[0] is { Ready: true, Started: true });
    }

    [Fact]
    public async Task Before_its_initial_delay_nothing_is_asked()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Containerd.Files["ready"] = true;
        await agent.Session.DesireAsync(Pod("later", container =>
        {
            container.ReadinessProbe = Asks("ready");
            container.ReadinessProbe.InitialDelaySeconds = 30;
        }));
        await agent.Session.PodAsync("uid-later", s => s.Phase == "Running", FakeAgent.Limit);
        var from = agent.Time.GetUtcNow();
        await PassUntilAsync(agent, "uid-later", s => s.ContainerStatuses[0].Ready);
        Assert.InRange((agent.Time.GetUtcNow() - from).TotalSeconds, 30, 90);
    }

    private static Task<PodStatus> PassUntilAsync(FakeAgent agent, string uid, Func<PodStatus, bool> matches)
        => agent.PassAsync(Second, agent.Session.PodAsync(uid, matches, FakeAgent.Limit));

    /// <summary>Lets time pass until the pod has been asked so many times; heartbeats show that it does.</summary>
    private static async Task PassUntilAsync(FakeAgent agent, string pod, int calls)
    {
        while (agent.Containerd.Calls.Count(call => call == $"ExecSync {pod}") < calls)
            await agent.PassAsync(Second, agent.Session.NextAsync(m => m.Heartbeat is not null, FakeAgent.Limit));
    }

    private static Assignment Pod(string name, Action<Container> set)
    {
        var pod = TestPods.Pod(name, "busybox:1", "exec sleep 1000");
        set(pod.Pod.Spec.Containers[0]);
        return pod;
    }

    /// <summary>The test's clock runs far ahead of the machine's: only a probe that shall run out of time has little of it.</summary>
    private static Probe Asks(string file, int failures = 3, int timeout = 900) => new()
    {
        Exec = new ExecAction { Command = { "/bin/sh", "-c", $"test -f {file}" } },
        PeriodSeconds = 10,
        TimeoutSeconds = timeout,
        SuccessThreshold = 1,
        FailureThreshold = failures,
    };
}
