using Orchestrator.Api.V1;
using Orchestrator.Cli.Tests.Fakes;

namespace Orchestrator.Cli.Tests.Commands;

public sealed class RunTests : ServerTest
{
    [Fact]
    public async Task An_image_alone_starts_a_container_and_waits_until_it_runs()
    {
        Server.Workloads.Progress.AddRange([Step("Pending"), Step("Pending"), Step("Running", done: true)]);
        var outcome = await Orc.RunAsync("run registry.io/team/busybox:1.36 --cpus 500m --memory 64Mi -e A=b -- httpd -f");
        Assert.Equal(0, outcome.ExitCode);
        var pod = Server.Workloads.Submitted.Single().Pod;
        Assert.Matches("^busybox-[a-z0-9]{5}$", pod.Metadata.Name);
        Assert.Equal($"pod/{pod.Metadata.Name} created\n", outcome.Out);
        Assert.Equal($"pod/{pod.Metadata.Name}: Pending on h\npod/{pod.Metadata.Name}: Running on h\n", outcome.Error);
        var container = pod.Spec.Containers.Single();
        Assert.Equal(["httpd", "-f"], container.Args);
        Assert.Equal(("500m", "64Mi"), (container.Resources.Limits["cpu"], container.Resources.Requests["memory"]));
        Assert.Equal("", pod.Spec.RuntimeClassName);
    }

    [Theory]
    [InlineData("run busybox --vm", "paravirtual")]
    [InlineData("run busybox --class emulated", "emulated")]
    [InlineData("run busybox --vm --class hardware", "hardware")]
    public async Task A_machine_costs_one_flag(string line, string runtimeClass)
    {
        Server.Workloads.Progress.Add(Step("Running", done: true));
        Assert.Equal(0, (await Orc.RunAsync($"{line} --name db --cpus 2")).ExitCode);
        var spec = Server.Workloads.Submitted.Single().VirtualMachine.Spec;
        Assert.Equal((runtimeClass, "busybox", 2), (spec.RuntimeClassName, spec.Image, spec.Cpus));
    }

    [Fact]
    public async Task With_image_as_an_option_it_is_kubectls_run()
    {
        Server.Workloads.Progress.AddRange([Step("Pending"), Step("Pending"), Step("Failed", done: true)]);
        Assert.Equal(new Outcome(0, "pod/web created\n", ""), await Orc.RunAsync("run web --image=nginx --restart=Never --port 80 --labels=a=b,c=d --command -- nginx -g x"));
        var pod = Server.Workloads.Submitted.Single().Pod;
        Assert.Equal(("Never", 80, "d"), (pod.Spec.RestartPolicy, pod.Spec.Containers[0].Ports[0].ContainerPort_, pod.Metadata.Labels["c"]));
        Assert.Equal(["nginx", "-g", "x"], pod.Spec.Containers[0].Command);
    }

    [Fact]
    public async Task A_workload_that_fails_is_a_failure()
    {
        Server.Workloads.Progress.AddRange([Step("Pending"), Step("Failed", done: true, reason: "Error")]);
        var outcome = await Orc.RunAsync("run busybox --name x");
        Assert.Equal(1, outcome.ExitCode);
        Assert.EndsWith("pod/x: Failed on h: Error\n", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_submission_is_taken_up_again_with_its_request_id()
    {
        Server.Workloads.SubmitBreaksOnce = true;
        Server.Workloads.Progress.AddRange([Step("Pending"), Step("Running", done: true)]);
        Assert.Equal(new Outcome(0, "pod/x created\n", "pod/x: Pending on h\npod/x: Running on h\n"), await Orc.RunAsync("run busybox --name x"));
        Assert.Equal(2, Server.Workloads.Submitted.Count);
        Assert.Single(Server.Workloads.Submitted.Select(request => request.RequestId).Distinct());
    }

    [Fact]
    public async Task With_rm_it_prints_the_log_returns_the_exit_code_and_leaves_nothing()
    {
        Server.Objects.Put("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{},
             "status":{"phase":"Failed","containerStatuses":[{"name":"x","state":{"terminated":{"exitCode":3}}}]}}
            """);
        Server.Workloads.Progress.Add(Step("Failed", done: true));
        Server.Workloads.LogLines.Add("hello\n");
        var outcome = await Orc.RunAsync("run busybox --name x --rm -- false");
        Assert.Equal(3, outcome.ExitCode);
        Assert.Equal("pod/x created\nhello\npod \"x\" deleted\n", outcome.Out);
        Assert.Equal("Never", Server.Workloads.Submitted.Single().Pod.Spec.RestartPolicy);
        Assert.Equal(1, (await Orc.RunAsync("get pod x")).ExitCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_i_it_is_the_processes_input_and_its_log_where_it_has_ended_already(bool ended)
    {
        Server.Objects.Put("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{},
             "status":{"phase":"Succeeded","containerStatuses":[{"name":"x","state":{"terminated":{"exitCode":0}}}]}}
            """);
        Server.Workloads.Progress.Add(Step("Running", done: true));
        Server.Workloads.LogLines.Add("from the log\n");
        Server.Workloads.NothingToAttachTo = ended;
        Orc.Input = "typed\n";
        var outcome = await Orc.RunAsync("run busybox --name x --rm -i -- cat");
        Assert.Equal((0, $"pod/x created\n{(ended ? "from the log" : "typed")}\npod \"x\" deleted\n"), (outcome.ExitCode, outcome.Out));
        var container = Server.Workloads.Submitted.Single().Pod.Spec.Containers.Single();
        Assert.Equal((true, true, false), (container.Stdin, container.StdinOnce, container.Tty));
        Assert.Equal(new ExecStart { Namespace = "default", Pod = "x", Container = "x", Stdin = true }, Server.Workloads.AttachAsked);
    }

    [Fact]
    public async Task A_session_with_a_container_that_is_started_again_says_how_to_come_back()
    {
        Server.Workloads.Progress.Add(Step("Running", done: true));
        Assert.Equal(
            new Outcome(0, "pod/x created\n", "pod/x: Running on h\nSession ended, resume using 'orc attach x -it' command when the pod is running\n"),
            await Orc.RunAsync("run busybox --name x -i"));
    }

    [Fact]
    public async Task A_dry_run_prints_a_manifest_that_apply_takes()
    {
        Assert.Equal("""
            apiVersion: virt.orchestrator.dev/v1
            kind: VirtualMachine
            metadata:
              name: db
              namespace: default
              labels:
                run: db
            spec:
              runtimeClassName: paravirtual
              image: busybox
              memory: 256Mi
              runStrategy: Always

            """.ReplaceLineEndings("\n"), (await Orc.RunAsync("run busybox --vm --name db --memory 256Mi --dry-run=client -o yaml")).Out);
        Assert.Contains("\n  machineTypeName: large\n", (await Orc.RunAsync("run busybox --vm --machine-type large --dry-run=client -o yaml")).Out);
        Assert.Equal("pod/web created (dry run)\n", (await Orc.RunAsync("run web --image=nginx --dry-run=client")).Out);
        Assert.Empty(Server.Workloads.Submitted);
    }

    [Theory]
    [InlineData("run busybox httpd", "unexpected \"httpd\"")]
    [InlineData("run busybox --memory 512m", "m means thousandths")]
    [InlineData("run busybox --vm --machine-type large --memory 1Gi", "leave --cpus and --memory out")]
    [InlineData("run busybox --machine-type large", "is for machines")]
    [InlineData("run busybox --vm --cpus 1.5", "a whole number of processors")]
    [InlineData("run busybox -t", "-i/--stdin is required")]
    [InlineData("run busybox --vm --class container", "exclude each other")]
    [InlineData("run busybox --vm --restart Never", "a machine knows Always and OnFailure")]
    [InlineData("run busybox -e novalue", "KEY=VALUE is needed")]
    [InlineData("run x --image i --name y", "not --name")]
    public async Task Contradictions_are_refused(string line, string error)
    {
        var outcome = await Orc.RunAsync(line);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(error, outcome.Error, StringComparison.Ordinal);
        Assert.Empty(Server.Workloads.Submitted);
    }

    private static SubmitProgress Step(string phase, bool done = false, string reason = "") => new() { Phase = phase, Reason = reason, NodeName = "h", Done = done };
}
