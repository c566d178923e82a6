using Orchestrator.Api.V1;
using Orchestrator.Functional.Running;

namespace Orchestrator.Functional.Cases;

public sealed class StreamTests(DevCluster cluster)
{
    [Fact]
    public async Task A_pod_is_spoken_with_until_its_input_ends_and_its_exit_code_is_ours()
    {
        await using var run = cluster.StartOrc("run", DevCluster.Image, "--name", "spoken", "--rm", "-i", "--command", "--", "sh", "-c",
            "while read word; do echo heard $word; done; exit 7");
        await run.TypeAsync("one\n");
        await run.PrintsAsync("heard one\n", DevCluster.Soon);
        run.EndInput();
        var result = await run.EndsAsync(DevCluster.Soon);
        Assert.Equal(7, result.ExitCode);
        Assert.NotEqual(0, (await cluster.OrcAsync("get", "pod", "spoken")).ExitCode);
    }

    [Fact]
    public async Task Clients_that_do_not_read_their_logs_hold_back_nobody_else()
    {
        (await cluster.ApplyAsync($$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: chatty}
            spec:
              nodeName: host-1
              terminationGracePeriodSeconds: 1
              containers:
              - name: main
                image: "{{DevCluster.Image}}"
                command: ["/bin/sh", "-c", "head -c 8000000 /dev/zero | tr '\\0' x | fold -w 4000; sleep 1000"]
            """)).Succeeded();
        await cluster.WaitForPhaseAsync("pod/chatty", "Running");

        var logs = new LogsRequest { Namespace = "default", Pod = "chatty", Follow = true };
        using var first = cluster.Workloads.Logs(logs);
        using var second = cluster.Workloads.Logs(logs);
        using var limit = new CancellationTokenSource(DevCluster.Soon, TimeProvider.System);
        Assert.True(await first.ResponseStream.MoveNext(limit.Token) && await second.ResponseStream.MoveNext(limit.Token));

        // More than the windows of an HTTP/2 connection hold, over the same connection of the same agent.
        var output = (await cluster.OrcAsync("exec", "web", "--", "head", "-c", "3000000", "/dev/zero")).Succeeded();
        Assert.Equal(3_000_000, output.Length);
        var other = (await cluster.OrcAsync("exec", "chatty", "--", "echo", "heard")).Succeeded();
        Assert.Equal("heard\n", other);
        await cluster.DeleteAsync("pod/chatty");
    }
}
