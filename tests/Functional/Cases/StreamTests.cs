using System.Text.RegularExpressions;
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
    public async Task Files_and_folders_are_copied_into_a_pod_and_out_of_it()
    {
        var folder = Directory.CreateTempSubdirectory("orc-cp").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "site", "deep"));
            var data = new byte[3_000_000];
            new Random(7).NextBytes(data);
            await File.WriteAllBytesAsync(Path.Combine(folder, "site", "deep", "data"), data);
            File.CreateSymbolicLink(Path.Combine(folder, "site", "link"), "deep/data");
            (await cluster.OrcAsync("cp", Path.Combine(folder, "site"), "default/web:/tmp")).Succeeded();
            (await cluster.OrcAsync("cp", Path.Combine(folder, "site", "link"), "web:/tmp/renamed", "--no-preserve")).Succeeded();
            Assert.Equal("3000000\n", (await cluster.OrcAsync("exec", "web", "--", "sh", "-c", "wc -c < /tmp/site/link")).Succeeded());

            (await cluster.OrcAsync("cp", "web:/tmp/site/.", Path.Combine(folder, "back"))).Succeeded();
            Assert.Equal(data, await File.ReadAllBytesAsync(Path.Combine(folder, "back", "deep", "data")));
            Assert.Equal("deep/data", new FileInfo(Path.Combine(folder, "back", "link")).LinkTarget);
            (await cluster.OrcAsync("cp", "web:/tmp/renamed", folder, "-c", "httpd")).Succeeded();
            Assert.Equal(data, await File.ReadAllBytesAsync(Path.Combine(folder, "renamed")));

            // What leads out is told and left out; what isn't there is an error.
            (await cluster.OrcAsync("exec", "web", "--", "ln", "-s", "/etc/passwd", "/tmp/site/away")).Succeeded();
            var partly = await cluster.OrcAsync("cp", "web:/tmp/site", folder);
            Assert.Equal((1, "left out: ./site/away: it is a link to /etc/passwd, which leads out of the target\n"), (partly.ExitCode, partly.Errors));
            var absent = await cluster.OrcAsync("cp", "web:/tmp/none", folder);
            Assert.Equal(1, absent.ExitCode);
            Assert.Contains("none", absent.Errors, StringComparison.Ordinal);
            Assert.Equal(1, (await cluster.OrcAsync("cp", folder, "web:/none/there")).ExitCode);
            (await cluster.OrcAsync("exec", "web", "--", "rm", "-r", "/tmp/site", "/tmp/renamed")).Succeeded();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Ports_of_pods_services_and_machines_are_reached_from_here()
    {
        (await cluster.ApplyAsync("""
            apiVersion: v1
            kind: Service
            metadata: {name: reached}
            spec:
              selector: {app: web}
              ports: [{name: page, port: 8000, targetPort: 80}, {name: nobody, port: 81}]
            """)).Succeeded();
        const string Page = "Orchestrator serves this page";
        await using var forward = cluster.StartOrc("port-forward", "svc/reached", ":page", ":81", "--address=127.0.0.1");
        var (page, nobody) = (await PortAsync(forward, 80), await PortAsync(forward, 81));
        using var http = new HttpClient { Timeout = DevCluster.Soon };
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => http.GetStringAsync(page)));
        Assert.All(answers, answer => Assert.Contains(Page, answer));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(nobody));
        Assert.Contains(Page, await http.GetStringAsync(page));

        await using var machine = cluster.StartOrc("port-forward", "vm/emulated", ":80", "--address=127.0.0.1");
        var guest = await PortAsync(machine, 80);
        // Its guest may still boot.
        await Eventually.HoldsAsync(() => AnswerAsync(http, guest), answer => answer.Contains(Page, StringComparison.Ordinal), DevCluster.Minutes, "the machine's page");
        await cluster.DeleteAsync("service/reached");
    }

    private static async Task<string> AnswerAsync(HttpClient http, string url)
    {
        try
        {
            return await http.GetStringAsync(url);
        }
        catch (HttpRequestException refused)
        {
            return refused.Message;
        }
    }

    private static async Task<string> PortAsync(RunningCommand forward, int remote)
    {
        var line = await forward.PrintsAsync($"-> {remote}\n", DevCluster.Soon);
        return $"http://{Regex.Match(line, $@"Forwarding from (\S+) -> {remote}\n").Groups[1].Value}/";
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
