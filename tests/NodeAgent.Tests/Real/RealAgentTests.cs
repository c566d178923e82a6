using Orchestrator.Agents.V1;
using Orchestrator.Conformance.Containerd;
using Orchestrator.Conformance.Fakes;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Tests.Real;

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealContainerdCollection : ICollectionFixture<RealContainerd>
{
    public const string Name = "real containerd";
}

/// <summary>The real program with a real containerd; only the silo is a fake.</summary>
[Collection(RealContainerdCollection.Name)]
public sealed class RealAgentTests(RealContainerd containerd)
{
    private static CancellationToken Limit => new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    [Fact]
    public async Task A_pod_runs_answers_and_goes_and_leaves_nothing()
    {
        await using var silo = await FakeSilo.StartAsync(Path.Join(containerd.Data, "silo.sock"));
        await using var agent = AgentProcess.Start(containerd, silo.Endpoint, "unix:///nowhere/dom0.sock");
        var session = await silo.NextSessionAsync(Limit);
        Assert.Contains(session.Hello.Facts.Status.RuntimeClasses, c => c is { Name: "container", Available: true });
        var pod = TestPods.Pod("web", RealContainerd.Busybox, "echo hello; echo warn >&2; exec sleep 1000");
        await session.DesireAsync(pod);
        var status = await session.PodAsync("uid-web", s => s.Phase == "Running", Limit);
        Assert.StartsWith("10.251.", status.PodIp, StringComparison.Ordinal);
        Assert.True(status.ContainerStatuses[0].Ready);
        var logs = await silo.OpenAsync(session, new OpenStream { Logs = new LogsTarget { Workload = pod.Reference(), Container = "main", Follow = true } }, Limit);
        await logs.ReadAsync("warn\n", Limit);
        Assert.Contains("hello\n", logs.Output.ToString(), StringComparison.Ordinal);
        var exec = await silo.OpenAsync(session, new OpenStream
        {
            Exec = new ExecTarget { Workload = pod.Reference(), Container = "main", Command = { "/bin/sh", "-c", "echo out; echo err >&2; exit 3" } },
        }, Limit);
        var end = await exec.ReadAsync(null, Limit);
        Assert.Equal(3, end?.ExitCode);
        Assert.Equal("out\n", exec.Output.ToString());
        Assert.Equal("err\n", exec.Error.ToString());
        exec.Finish();
        await session.ChangeAsync(pod.Deleting());
        await session.GoneAsync("uid-web", Limit);
        Assert.Equal("", (await containerd.CtrAsync("containers", "list", "-q")).Trim());
        Assert.False(Directory.Exists(Path.Join(containerd.Data, "agent", "pods", "default_web_uid-web")));
        Assert.DoesNotContain(Directory.EnumerateDirectories("/sys/fs/cgroup"), c => Directory.Exists(Path.Join(c, containerd.CgroupParent, "poduid-web")));
        Assert.Equal(["Pulled", "Created", "Started", "Killing"], session.Events.Select(told => told.Reason));
        logs.Finish();
    }

    [Fact]
    public async Task Killed_in_the_middle_of_its_work_it_has_a_successor_that_disturbs_nothing()
    {
        await using var silo = await FakeSilo.StartAsync(Path.Join(containerd.Data, "silo.sock"));
        var pods = Enumerable.Range(0, 6).Select(i => TestPods.Pod($"keep{i}", RealContainerd.Busybox, "exec sleep 1000", graceSeconds: 0)).ToArray();
        Dictionary<string, string> running = [];
        await using (var first = AgentProcess.Start(containerd, silo.Endpoint, "unix:///nowhere/dom0.sock"))
        {
            var session = await silo.NextSessionAsync(Limit);
            await session.DesireAsync(pods);
            // Some run, others are in the middle of being made.
            foreach (var pod in pods[..2])
                running[pod.Pod.Metadata.Uid] = (await session.PodAsync(pod.Pod.Metadata.Uid, s => s.Phase == "Running", Limit)).ContainerStatuses[0].ContainerId;
            await first.KillAsync();
        }

        await using var second = AgentProcess.Start(containerd, silo.Endpoint, "unix:///nowhere/dom0.sock");
        var next = await silo.NextSessionAsync(Limit);
        await next.DesireAsync(pods);
        foreach (var pod in pods)
        {
            var status = (await next.PodAsync(pod.Pod.Metadata.Uid, s => s.Phase == "Running", Limit)).ContainerStatuses[0];
            if (running.TryGetValue(pod.Pod.Metadata.Uid, out var id)) Assert.Equal((id, 0), (status.ContainerId, status.RestartCount));
        }

        // A sandbox and a container each: nothing was made twice. What containerd was making for the killed agent may take a moment to go.
        var settled = Limit;
        while ((await containerd.CtrAsync("containers", "list", "-q")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length != 2 * pods.Length)
            settled.ThrowIfCancellationRequested();
        await next.DesireAsync();
        foreach (var pod in pods) await next.GoneAsync(pod.Pod.Metadata.Uid, Limit);
        Assert.Equal("", (await containerd.CtrAsync("containers", "list", "-q")).Trim());
    }

    [Fact]
    public async Task Killed_containerd_comes_back_to_the_same_pods()
    {
        await using var silo = await FakeSilo.StartAsync(Path.Join(containerd.Data, "silo.sock"));
        await using var agent = AgentProcess.Start(containerd, silo.Endpoint, "unix:///nowhere/dom0.sock");
        var session = await silo.NextSessionAsync(Limit);
        var pod = TestPods.Pod("steady", RealContainerd.Busybox, "exec sleep 1000", graceSeconds: 0);
        await session.DesireAsync(pod);
        var before = (await session.PodAsync("uid-steady", s => s.Phase == "Running", Limit)).ContainerStatuses[0].ContainerId;
        await containerd.KillAsync();
        await session.NextAsync(m => m.Facts?.Status.Conditions.Any(c => c is { Type: "ContainerRuntimeReady", Status: "False" }) == true, Limit);
        await containerd.StartAsync();
        await session.NextAsync(m => m.Facts?.Status.Conditions.Any(c => c is { Type: "ContainerRuntimeReady", Status: "True" }) == true, Limit);
        var exec = await silo.OpenAsync(session, new OpenStream { Exec = new ExecTarget { Workload = pod.Reference(), Container = "main", Command = { "/bin/sh", "-c", "exit 4" } } }, Limit);
        Assert.Equal(4, (await exec.ReadAsync(null, Limit))?.ExitCode);
        exec.Finish();
        Assert.Contains(before["containerd://".Length..], await containerd.CtrAsync("containers", "list", "-q"), StringComparison.Ordinal);
        await session.ChangeAsync(pod.Deleting());
        await session.GoneAsync("uid-steady", Limit);
    }

    [Fact]
    public async Task Limits_users_and_terminals_are_what_the_object_says()
    {
        await using var silo = await FakeSilo.StartAsync(Path.Join(containerd.Data, "silo.sock"));
        await using var agent = AgentProcess.Start(containerd, silo.Endpoint, "unix:///nowhere/dom0.sock");
        var session = await silo.NextSessionAsync(Limit);
        var pod = TestPods.Pod("set", "Never", 0, new Container
        {
            Name = "main",
            Image = RealContainerd.Busybox,
            Command = { "/bin/sh", "-c", "echo $(GREETING) `id -u` `pwd`; cat /proc/self/cgroup | head -n 1; touch /x || echo read-only; tail /dev/zero" },
            WorkingDir = "/tmp",
            Env = { new EnvVar { Name = "NAME", Value = "world" }, new EnvVar { Name = "GREETING", Value = "hello $(NAME)" } },
            Resources = new ResourceRequirements { Limits = { ["memory"] = "16Mi", ["cpu"] = "500m" } },
            SecurityContext = new SecurityContext { RunAsUser = 1234, ReadOnlyRootFilesystem = true, AllowPrivilegeEscalation = false },
        }, new Container { Name = "side", Image = RealContainerd.Busybox, Command = { "/bin/sleep", "1000" } });
        await session.DesireAsync(pod);
        var status = await session.PodAsync("uid-set", s => s.ContainerStatuses[0].State.Terminated is not null && s.ContainerStatuses[1].Ready, Limit);
        Assert.Equal(("OOMKilled", 137), (status.ContainerStatuses[0].State.Terminated.Reason, status.ContainerStatuses[0].State.Terminated.ExitCode));
        Assert.Equal(("Running", "Burstable"), (status.Phase, status.QosClass));
        var logs = await silo.OpenAsync(session, new OpenStream { Logs = new LogsTarget { Workload = pod.Reference(), Container = "main" } }, Limit);
        await logs.ReadAsync(null, Limit);
        Assert.Contains("hello world 1234 /tmp\n", logs.Output.ToString(), StringComparison.Ordinal);
        Assert.Contains("read-only", logs.Output.ToString(), StringComparison.Ordinal);
        logs.Finish();

        var terminal = await silo.OpenAsync(session, new OpenStream
        {
            Exec = new ExecTarget { Workload = pod.Reference(), Container = "side", Command = { "/bin/sh" }, Stdin = true, Tty = true, Columns = 77, Rows = 33 },
        }, Limit);
        await terminal.WriteAsync("stty size\n");
        await terminal.ReadAsync("33 77", Limit);
        await terminal.WriteAsync("exit 6\n");
        Assert.Equal(6, (await terminal.ReadAsync(null, Limit))?.ExitCode);
        terminal.Finish();
        await session.ChangeAsync(pod.Deleting());
        await session.GoneAsync("uid-set", Limit);
    }
}
