using Orchestrator.Functional.Running;

namespace Orchestrator.Functional.Cases;

/// <summary>The walk of README.md on the examples that <c>./dev up</c> applied.</summary>
public sealed class WalkTests(DevCluster cluster)
{
    [Fact]
    public void Up_shows_what_runs_where_and_what_to_do_next()
    {
        foreach (var shown in new[] { "web", "twin-a", "twin-b", "too-large", "paravirtual", "emulated", "host-2", "orc console paravirtual" })
            Assert.Contains(shown, cluster.UpOutput);
    }

    [Fact]
    public async Task A_pod_answers_http_on_its_own_address()
    {
        var address = await cluster.FieldAsync("pod/web", ".status.podIP");
        Assert.StartsWith("10.88.", address);
        Assert.Contains("Orchestrator serves this page", (await cluster.CurlAsync($"http://{address}/")).Succeeded());
    }

    [Fact]
    public async Task Two_pods_listen_on_port_80_of_one_host()
    {
        foreach (var twin in new[] { "twin-a", "twin-b" })
        {
            Assert.Equal("host-1", await cluster.FieldAsync($"pod/{twin}", ".spec.nodeName"));
            var address = await cluster.FieldAsync($"pod/{twin}", ".status.podIP");
            Assert.Equal(twin, (await cluster.CurlAsync($"http://{address}/")).Succeeded().Trim());
        }
    }

    [Fact]
    public async Task A_pod_prepares_itself_before_it_runs_and_keeps_its_helper()
    {
        Assert.Equal("True", await cluster.FieldAsync("pod/prepared", ".status.conditions[?(@.type==\"Ready\")].status"));
        Assert.Equal("the web folder holds 1 files\n", (await cluster.OrcAsync("logs", "prepared", "-c", "check")).Succeeded());
        Assert.Equal("0 0 0", await cluster.FieldAsync(
            "pod/prepared", ".status.initContainerStatuses[*].restartCount} {.status.containerStatuses[*].restartCount"));
    }

    [Fact]
    public async Task Exec_returns_output_errors_and_exit_code()
    {
        var listing = (await cluster.OrcAsync("exec", "web", "--", "ls", "/www")).Succeeded();
        Assert.Equal("index.html", listing.Trim());

        var failure = await cluster.OrcAsync("exec", "web", "--", "sh", "-c", "echo to-output; echo to-errors >&2; exit 42");
        Assert.Equal(42, failure.ExitCode);
        Assert.Equal("to-output\n", failure.Output);
        Assert.StartsWith("to-errors\n", failure.Errors);
    }

    [Fact]
    public async Task Exec_passes_standard_input_on()
    {
        await using var exec = cluster.StartOrc("exec", "-i", "web", "--", "sh", "-c", "tr a-z A-Z");
        await exec.TypeAsync("from outside\n");
        exec.EndInput();
        Assert.Equal("FROM OUTSIDE\n", (await exec.EndsAsync(DevCluster.Soon)).Succeeded());
    }

    [Fact]
    public async Task Logs_stream_while_they_are_followed()
    {
        var address = await cluster.FieldAsync("pod/web", ".status.podIP");
        await using var logs = cluster.StartOrc("logs", "-f", "web");
        (await cluster.CurlAsync($"http://{address}/first")).ToString();
        await logs.PrintsAsync("/first", DevCluster.Soon);
        (await cluster.CurlAsync($"http://{address}/second")).ToString();
        await logs.PrintsAsync("/second", DevCluster.Soon);
    }

    [Theory]
    [InlineData("paravirtual")]
    [InlineData("emulated")]
    public async Task A_machine_prints_its_boot_on_its_console_and_answers_there(string machine)
    {
        await using var console = cluster.StartOrc("console", machine);
        await console.PrintsAsync("Linux version", DevCluster.Soon);
        // What is typed before there is a shell belongs to nobody.
        await console.PrintsAsync("/ # ", DevCluster.Minutes);
        await console.TypeAsync("\necho answer-$((6*7))-$(cat /proc/sys/kernel/hostname)\n");
        await console.PrintsAsync($"answer-42-{machine}", DevCluster.Soon);
    }

    /// <summary>The image's httpd listens in each: whoever asks whom, on one host or on two, hears it.</summary>
    [Fact]
    public async Task Machines_and_pods_reach_each_other_and_are_reached_from_outside()
    {
        const string Page = "Orchestrator serves this page";
        var pod = await cluster.FieldAsync("pod/web", ".status.podIP");
        foreach (var machine in new[] { "paravirtual", "emulated" })
        {
            var address = await cluster.FieldAsync($"vm/{machine}", ".status.interfaces[0].ipAddress");
            Assert.StartsWith("10.88.", address);
            Assert.Contains(address, (await cluster.OrcAsync("get", "vm", machine, "-o", "wide")).Succeeded());
            await using (var console = cluster.StartOrc("console", machine))
            {
                await console.PrintsAsync("/ # ", DevCluster.Minutes);
                await console.TypeAsync($"\nwget -q -O - http://{pod}/ | grep -c 'serves this page' | sed s/^/heard-/\n");
                await console.PrintsAsync("heard-1", DevCluster.Soon);
            }

            Assert.Contains(Page, (await cluster.CurlAsync($"http://{address}/")).Succeeded());
            Assert.Contains(Page, (await cluster.OrcAsync("exec", "web", "--", "wget", "-q", "-O", "-", $"http://{address}/")).Succeeded());
        }
    }

    /// <summary>The program of examples/client, built beside this test.</summary>
    [Fact]
    public async Task A_program_submits_a_pod_and_reads_what_it_says()
    {
        var server = new Dictionary<string, string> { ["ORC_SERVER"] = $"http://127.0.0.1:{cluster.Port}" };
        await using var submit = RunningCommand.Start(Path.Combine(AppContext.BaseDirectory, "submit"), [DevCluster.Image, "echo", "from", "a", "program"], server);
        var output = (await submit.EndsAsync(DevCluster.Soon)).Succeeded();
        Assert.Matches("^pod/(submitted-\\w+) submitted\n(.+\n)*pod/\\1 Succeeded\nfrom a program\n$", output);
    }

    [Fact]
    public async Task The_examples_that_up_does_not_apply_are_taken()
    {
        foreach (var folder in new[] { "networks", "machines" })
            (await cluster.OrcAsync("apply", "--dry-run=server", "-f", Repository.File($"examples/{folder}"))).Succeeded();
    }

    [Fact]
    public async Task A_deleted_pod_and_deleted_machines_leave_nothing_on_the_host()
    {
        // What a host's first pod and machines make for all that follow (the pods' bridge, the guests' kernels) stays.
        await ComeAndGoAsync("first");
        var before = await HostListing.OfAsync(cluster, "host-2");
        await ComeAndGoAsync("passing", async () => Assert.NotEqual(before, await HostListing.OfAsync(cluster, "host-2")));
        var difference = HostListing.Difference(before, await HostListing.OfAsync(cluster, "host-2"));
        Assert.True(difference.Length == 0, difference);
    }

    /// <summary>Runs a pod and a machine of each class on host-2 and deletes them again.</summary>
    private async Task ComeAndGoAsync(string name, Func<Task>? meanwhile = null)
    {
        (await cluster.ApplyAsync(string.Join("\n---\n",
            Manifests.Pod($"{name}-pod", "host-2"),
            Manifests.Machine($"{name}-uml", "paravirtual", "host-2"),
            Manifests.Machine($"{name}-qemu", "emulated", "host-2")))).Succeeded();
        await cluster.WaitForPhaseAsync($"pod/{name}-pod", "Running");
        await cluster.WaitForPhaseAsync($"vm/{name}-uml", "Running");
        await cluster.WaitForPhaseAsync($"vm/{name}-qemu", "Running");
        if (meanwhile is not null) await meanwhile();
        await cluster.DeleteAsync($"pod/{name}-pod", $"vm/{name}-uml", $"vm/{name}-qemu");
        Assert.Equal("", await cluster.FieldAsync("pods", $".items[?(@.metadata.name==\"{name}-pod\")].metadata.name"));
    }
}
