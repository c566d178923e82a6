using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Tests.Assignments;

namespace Orchestrator.NodeAgent.Tests.Connection;

public sealed class SessionTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Hello_carries_what_the_host_is()
    {
        await using var agent = await FakeAgent.StartAsync();
        var facts = agent.Session.Hello.Facts;
        Assert.Equal("h", agent.Session.Hello.Host);
        Assert.Equal("h", facts.Labels["kubernetes.io/hostname"]);
        Assert.Equal(["container", "emulated", "hardware", "paravirtual"], facts.Status.RuntimeClasses.Select(c => c.Name).Order(StringComparer.Ordinal));
        Assert.False(facts.Status.RuntimeClasses.Single(c => c.Name == "hardware").Available);
        Assert.Equal("110", facts.Status.Capacity["pods"]);
        Assert.NotEmpty(facts.Status.NodeInfo.BootId);
        Assert.Equal("fake://1.0", facts.Status.NodeInfo.ContainerRuntimeVersion);
        Assert.All(facts.Status.Conditions, c => Assert.Equal("True", c.Status));
    }

    [Fact]
    public async Task A_broken_session_is_made_anew_and_everything_told_again()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pod = TestPods.Pod("web", "busybox:1", "exec sleep 1000");
        await agent.Session.DesireAsync(pod);
        await agent.Session.PodAsync("uid-web", s => s.Phase == "Running", FakeAgent.Limit);
        agent.Session.Close();
        var second = await agent.PassAsync(Second, agent.Silo.NextSessionAsync(FakeAgent.Limit));
        await second.PodAsync("uid-web", s => s.Phase == "Running", FakeAgent.Limit);
        Assert.Single(agent.Containerd.Sandboxes);
    }

    [Fact]
    public async Task A_silo_that_leaves_heartbeats_unanswered_is_left()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Session.AnswersHeartbeats = false;
        var from = agent.Time.GetUtcNow();
        await agent.PassAsync(Second, agent.Silo.NextSessionAsync(FakeAgent.Limit));
        Assert.InRange((agent.Time.GetUtcNow() - from).TotalSeconds, agent.Silo.LeaseSeconds - 1, 10 * agent.Silo.LeaseSeconds);
    }

    [Fact]
    public async Task Gone_is_told_again_until_the_silo_has_heard()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pod = TestPods.Pod("lost", "busybox:1", "exec sleep 1000");
        await agent.Session.DesireAsync(pod.Deleting());
        await agent.Session.GoneAsync("uid-lost", FakeAgent.Limit);
        agent.Session.Close();
        var second = await agent.PassAsync(Second, agent.Silo.NextSessionAsync(FakeAgent.Limit));
        await second.GoneAsync("uid-lost", FakeAgent.Limit);
    }

    [Fact]
    public async Task A_dead_containerd_is_told_and_its_return_too()
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync();
        await agent.Containerd.StopAsync();
        var down = await agent.PassAsync(Second, agent.Session.NextAsync(m => m.Facts is not null, FakeAgent.Limit));
        Assert.Equal("False", down.Facts.Status.Conditions.Single(c => c.Type == "ContainerRuntimeReady").Status);
        Assert.False(down.Facts.Status.RuntimeClasses.Single(c => c.Name == "container").Available);
        Assert.True(down.Facts.Status.RuntimeClasses.Single(c => c.Name == "paravirtual").Available);
        await agent.Session.ChangeAsync(TestPods.Pod("patient", "busybox:1", "exec sleep 1000"));
        await agent.Containerd.StartAsync();
        await agent.PassAsync(Second, agent.Session.PodAsync("uid-patient", s => s.Phase == "Running", FakeAgent.Limit));
    }

    [Fact]
    public async Task A_stream_of_something_unknown_is_answered_with_its_reason()
    {
        await using var agent = await FakeAgent.StartAsync();
        var target = new LogsTarget { Workload = TestPods.Pod("no", "busybox:1", "").Reference(), Container = "main" };
        var stream = await agent.Silo.OpenAsync(agent.Session, new OpenStream { Logs = target }, FakeAgent.Limit);
        var end = await stream.ReadAsync(null, FakeAgent.Limit);
        Assert.Equal("NotFound", end?.Error.Reason);
        stream.Finish();
    }
}
