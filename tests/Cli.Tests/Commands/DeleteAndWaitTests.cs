using Orchestrator.Api.V1;
using Orchestrator.Cli.Tests.Fakes;

namespace Orchestrator.Cli.Tests.Commands;

public sealed class DeleteAndWaitTests : ServerTest
{
    [Fact]
    public async Task Delete_waits_until_the_object_is_gone()
    {
        PutPod("web");
        Server.Objects.DeletionTakesTime = true;
        Server.Objects.WatchBegun = () => Server.Objects.Remove("Pod", "web");
        Assert.Equal(new Outcome(0, "pod \"web\" deleted\n", ""), await Orc.RunAsync("delete pod web"));
        Assert.Single(Server.Objects.Requests.OfType<WatchRequest>());
    }

    [Fact]
    public async Task Delete_is_content_when_another_object_has_the_name()
    {
        PutPod("web");
        Server.Objects.DeletionTakesTime = true;
        Server.Objects.WatchBegun = () =>
        {
            Server.Objects.Remove("Pod", "web");
            PutPod("web");
        };
        Assert.Equal(0, (await Orc.RunAsync("delete pod web")).ExitCode);
    }

    [Fact]
    public async Task Delete_gives_up_in_time()
    {
        PutPod("web");
        Server.Objects.DeletionTakesTime = true;
        Assert.Equal(
            new Outcome(1, "pod \"web\" deleted\n", "error: timed out waiting for the condition on pods/web\n"), await Orc.RunAsync("delete pod web --timeout=50ms"));
        Assert.Equal(new Outcome(0, "pod \"web\" deleted\n", ""), await Orc.RunAsync("delete pod web --wait=false"));
    }

    [Fact]
    public async Task What_is_deleted_is_named_selected_or_all_but_never_guessed()
    {
        PutPod("a", labels: """{"x":"y"}""");
        PutPod("b");
        PutMachine("c");
        Assert.Equal("error: resource(s) were provided, but no name was specified\n", (await Orc.RunAsync("delete pods")).Error);
        Assert.Equal("pod \"a\" deleted\n", (await Orc.RunAsync("delete pods -l x=y")).Out);
        Assert.Equal("No resources found\n", (await Orc.RunAsync("delete pods -l x=y")).Out);
        Assert.Equal("pod \"b\" deleted\nvirtualmachine.virt.orchestrator.dev \"c\" deleted\n", (await Orc.RunAsync("delete all --all")).Out);
    }

    [Fact]
    public async Task Absent_objects_fail_unless_that_is_fine()
    {
        Assert.Equal(new Outcome(1, "", "Error from server (NotFound): pods \"x\" not found\n"), await Orc.RunAsync("delete pod x"));
        Assert.Equal(new Outcome(0, "", ""), await Orc.RunAsync("delete pod x --ignore-not-found"));
    }

    [Theory]
    [InlineData("delete pod web", null)]
    [InlineData("delete pod web --grace-period=5", 5L)]
    [InlineData("delete pod web --now", 1L)]
    [InlineData("delete pod web --grace-period=0", 1L)]
    [InlineData("delete pod web --force", 0L)]
    [InlineData("delete pod web --grace-period=0 --force", 0L)]
    public async Task Grace_periods_are_kubectls(string line, long? seconds)
    {
        PutPod("web");
        var outcome = await Orc.RunAsync(line);
        var request = Server.Objects.Requests.OfType<DeleteRequest>().Single();
        Assert.Equal(seconds, request.HasGracePeriodSeconds ? request.GracePeriodSeconds : null);
        Assert.Equal(line.Contains("--force", StringComparison.Ordinal), outcome.Error.StartsWith("Warning: Immediate deletion", StringComparison.Ordinal));
        Assert.Equal(line.Contains("--force", StringComparison.Ordinal) ? "pod \"web\" force deleted\n" : "pod \"web\" deleted\n", outcome.Out);
    }

    [Fact]
    public async Task A_manifest_says_what_to_delete()
    {
        PutPod("web", ns: "team");
        Orc.Input = "# comment\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: team\n";
        Assert.Equal(new Outcome(0, "pod \"web\" deleted\n", ""), await Orc.RunAsync("delete -f -"));
        Assert.Contains("does not match the namespace \"other\"", (await Orc.RunAsync("delete -f - -n other")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_follows_changes_to_the_condition()
    {
        PutPod("web", "Pending");
        Server.Objects.WatchBegun = () => PutPod("web");
        Assert.Equal(new Outcome(0, "pod/web condition met\n", ""), await Orc.RunAsync("wait pod/web --for=condition=Ready"));
        Assert.Equal(new Outcome(0, "pod/web condition met\n", ""), await Orc.RunAsync("wait pod web --for=jsonpath={.status.phase}=Running --timeout=5s"));
    }

    [Fact]
    public async Task Wait_for_an_end_is_content_with_what_is_gone_already()
    {
        PutPod("web");
        Server.Objects.WatchBegun = () => Server.Objects.Remove("Pod", "web");
        Assert.Equal(0, (await Orc.RunAsync("wait pod/web --for=delete")).ExitCode);
        Assert.Equal(0, (await Orc.RunAsync("wait pod/web --for=delete --timeout=0")).ExitCode);
        Assert.Equal(new Outcome(0, "", ""), await Orc.RunAsync("wait pods --for=delete -l a=b"));
    }

    [Theory]
    [InlineData("wait pod/web --for=condition=Ready --timeout=0", "error: timed out waiting for the condition on pods/web")]
    [InlineData("wait pod/web --for=condition=Ready --timeout=60ms", "error: timed out waiting for the condition on pods/web")]
    [InlineData("wait pod/nope --for=condition=Ready", "Error from server (NotFound): pods \"nope\" not found")]
    [InlineData("wait pods -l a=b --for=condition=Ready", "error: no matching resources found")]
    [InlineData("wait pod/web --for=magic", "error: unrecognized condition: \"magic\"")]
    [InlineData("wait pod/web", "error: --for is needed")]
    [InlineData("wait pod/web --for=delete --timeout=soon", "error: invalid argument \"soon\" for \"--timeout\" flag")]
    public async Task Wait_fails_with_the_reason(string line, string error)
    {
        PutPod("web", "Pending");
        var outcome = await Orc.RunAsync(line);
        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith(error, outcome.Error, StringComparison.Ordinal);
    }
}
