using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Agents.V1;
using Orchestrator.NodeAgent.Assignments;
using Orchestrator.NodeAgent.Connection;

namespace Orchestrator.NodeAgent.Tests.Assignments;

/// <summary>The first moments of a successor, in the order in which a busy machine may take them.</summary>
public sealed class AdoptionTests
{
    [Fact]
    public async Task A_runner_that_runs_at_once_leaves_a_desired_pod_alone()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pod = TestPods.Pod("keep", "busybox:1", "exec sleep 1000");
        await agent.Session.DesireAsync(pod);
        await agent.Session.PodAsync("uid-keep", s => s.Phase == "Running", FakeAgent.Limit);
        await agent.KillProcessAsync();
        agent.Containerd.Calls.Clear();

        using var successor = agent.Compose();
        using var stopping = new CancellationTokenSource();
        var assignments = successor.Services.GetRequiredService<HostAssignments>();
        assignments.ReplaceAll(new DesiredState { Assignments = { pod } });
        var loop = Task.Factory.StartNew(() => assignments.RunAsync(stopping.Token), stopping.Token, TaskCreationOptions.None, new EagerScheduler()).Unwrap();

        var told = await successor.Services.GetRequiredService<Outbox>().TakeAsync(FakeAgent.Limit);
        Assert.Contains(told, message => message.Report?.Pod is { Phase: "Running" } status && status.ContainerStatuses[0].RestartCount == 0);
        Assert.DoesNotContain(agent.Containerd.Calls, call => call.StartsWith("Stop", StringComparison.Ordinal));
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);
    }

    [Fact]
    public async Task A_desired_state_in_parts_is_acted_on_as_a_whole()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pods = Enumerable.Range(0, 3).Select(i => TestPods.Pod($"part{i}", "busybox:1", "exec sleep 1000")).ToArray();
        await agent.Session.DesireAsync(pods);
        foreach (var pod in pods) await agent.Session.PodAsync(pod.Pod.Metadata.Uid, s => s.Phase == "Running", FakeAgent.Limit);
        agent.Containerd.Calls.Clear();
        foreach (var pod in pods[..2])
            await agent.Session.SendAsync(new SiloMessage { Desired = new DesiredState { Assignments = { pod }, More = pod != pods[1] } });
        await agent.PassAsync(TimeSpan.FromSeconds(1), agent.Session.GoneAsync("uid-part2", FakeAgent.Limit));
        Assert.All(agent.Containerd.Calls.Where(call => call.StartsWith("Stop", StringComparison.Ordinal)), call => Assert.EndsWith("part2", call));
        Assert.Equal(2, agent.Containerd.Sandboxes.Count);
    }

    /// <summary>Runs what is queued before whoever queues it goes on: the other end of what a thread pool may do.</summary>
    private sealed class EagerScheduler : TaskScheduler
    {
        protected override void QueueTask(Task task) => TryExecuteTask(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => TryExecuteTask(task);

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }
}
