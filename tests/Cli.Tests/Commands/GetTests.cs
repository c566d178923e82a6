using Google.Rpc;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Tests.Fakes;

namespace Orchestrator.Cli.Tests.Commands;

public sealed class GetTests : ServerTest
{
    [Fact]
    public async Task A_table_is_the_servers()
    {
        PutPod("web");
        PutPod("a", "Pending", node: "");
        Assert.Equal("NAME   STATUS    AGE\na      Pending   5m\nweb    Running   5m\n", (await Orc.RunAsync("get pods")).Out);
        Assert.Equal("NAME   STATUS    AGE   NODE\nweb    Running   5m    host-1\n", (await Orc.RunAsync("get po web -o wide")).Out);
        Assert.Equal("web   Running   5m\n", (await Orc.RunAsync("get po/web --no-headers")).Out);
    }

    [Fact]
    public async Task Nothing_is_no_error_and_says_so_on_standard_error()
    {
        Assert.Equal(new Outcome(0, "", "No resources found in default namespace.\n"), await Orc.RunAsync("get pods"));
        Assert.Equal(new Outcome(0, "", "No resources found in x namespace.\n"), await Orc.RunAsync("-n x get pods"));
        Assert.Equal(new Outcome(0, "", "No resources found\n"), await Orc.RunAsync("get pods -A"));
        Assert.Equal(new Outcome(0, "", "No resources found\n"), await Orc.RunAsync("get nodes"));
    }

    [Fact]
    public async Task Several_kinds_are_several_tables_and_their_names_tell_them_apart()
    {
        PutPod("web");
        PutMachine("db");
        var expected = "NAME      STATUS    AGE\npod/web   Running   5m\n\nNAME                                      STATUS    AGE\nvirtualmachine.virt.orchestrator.dev/db   Running   5m\n";
        Assert.Equal(expected, (await Orc.RunAsync("get all")).Out);
        Assert.Equal(expected, (await Orc.RunAsync("get pods,vm")).Out);
        Assert.Equal("pod/web\nvirtualmachine.virt.orchestrator.dev/db\n", (await Orc.RunAsync("get all -o name")).Out);
    }

    [Fact]
    public async Task All_namespaces_add_a_column()
    {
        PutPod("web");
        PutPod("x", ns: "other");
        Assert.Equal("NAMESPACE   NAME   STATUS    AGE\ndefault     web    Running   5m\nother       x      Running   5m\n", (await Orc.RunAsync("get pods -A")).Out);
    }

    [Fact]
    public async Task Labels_select_and_are_shown()
    {
        PutPod("web", labels: """{"app":"w","tier":"b"}""");
        PutPod("x");
        Assert.Equal("NAME   STATUS    AGE   LABELS\nweb    Running   5m    app=w,tier=b\n", (await Orc.RunAsync("get pods -l app=w --show-labels")).Out);
        Assert.Equal("NAME   STATUS    AGE   TIER\nweb    Running   5m    b\nx      Running   5m    \n", (await Orc.RunAsync("get pods -Ltier")).Out);
        Assert.Contains("x      Running   5m    <none>\n", (await Orc.RunAsync("get pods --show-labels")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_object_is_itself_and_several_are_a_list()
    {
        PutPod("web");
        PutPod("x");
        Assert.Equal("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n", (await Orc.RunAsync("get pod web -oyaml")).Out);
        Assert.Equal(
            "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: web\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: x\n"
            + "kind: List\nmetadata:\n  resourceVersion: \"\"\n",
            (await Orc.RunAsync("get pods -o yaml")).Out);
        Assert.Equal("web x", (await Orc.RunAsync("get pods -o jsonpath={.items[*].metadata.name}")).Out);
        Assert.Equal("Running", (await Orc.RunAsync("get pod web -o jsonpath={.status.phase}")).Out);
        Assert.StartsWith("{\n    \"apiVersion\": \"v1\",\n    \"kind\": \"Pod\",\n", (await Orc.RunAsync("get pod web -o json")).Out, StringComparison.Ordinal);
        Assert.Equal(
            "{\n    \"apiVersion\": \"v1\",\n    \"items\": [],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n",
            (await Orc.RunAsync("get vm -o json")).Out);
    }

    [Fact]
    public async Task An_absent_name_fails_after_what_is_there_is_shown()
    {
        PutPod("web");
        var outcome = await Orc.RunAsync("get pods web nope");
        Assert.Equal(new Outcome(1, "NAME   STATUS    AGE\nweb    Running   5m\n", "Error from server (NotFound): pods \"nope\" not found\n"), outcome);
        Assert.Equal(
            new Outcome(1, "", "Error from server (NotFound): virtualmachines.virt.orchestrator.dev \"nope\" not found\n"), await Orc.RunAsync("get vm nope -o yaml"));
        Assert.Equal(new Outcome(0, "", ""), await Orc.RunAsync("get pod nope --ignore-not-found"));
    }

    [Fact]
    public async Task Long_lists_come_in_pages()
    {
        for (var i = 0; i < 1203; i++) PutPod($"p{i:0000}");
        Assert.Equal(1203, (await Orc.RunAsync("get pods -o name")).Out.Count(c => c == '\n'));
        Assert.Equal([500, 500, 500], Server.Objects.Requests.OfType<ListRequest>().Select(request => request.Limit));
    }

    [Fact]
    public async Task A_watch_shows_what_is_there_then_changes_until_interrupted()
    {
        PutPod("web", "Pending");
        using var interrupt = new CancellationTokenSource();
        using var output = new ObservedStream();
        Server.Objects.WatchBreaksAfter = 2;
        var running = Orc.RunAsync(["get", "pods", "-w"], output, interrupt.Token);
        await output.UntilAsync("Pending");
        PutPod("web");
        PutPod("longer-name");
        await output.UntilAsync("longer-name");
        // After two events the watch broke; orc opens it again and goes on where it was.
        PutPod("end");
        await output.UntilAsync("end ");
        await interrupt.CancelAsync();
        var outcome = await running;
        Assert.Equal(new Outcome(130, "NAME   STATUS    AGE\nweb    Pending   5m\nweb    Running   5m\nlonger-name   Running   5m\nend           Running   5m\n", ""), outcome);
        Assert.Equal(["1", "3"], Server.Objects.Requests.OfType<WatchRequest>().Select(request => request.ResourceVersion));
    }

    [Fact]
    public async Task A_watch_whose_version_is_gone_lists_anew_and_shows_what_differs()
    {
        PutPod("same");
        PutPod("web", "Pending");
        using var interrupt = new CancellationTokenSource();
        using var output = new ObservedStream();
        Server.Objects.CompactedTo = 2;
        Server.Objects.GoneSeen = () =>
        {
            PutPod("web");
            PutPod("new");
        };
        var running = Orc.RunAsync(["get", "pods", "-w"], output, interrupt.Token);
        await output.UntilAsync("new ");
        await output.UntilAsync("web    Running");
        PutPod("last");
        await output.UntilAsync("last ");
        await interrupt.CancelAsync();
        Assert.Equal(
            "NAME   STATUS    AGE\nsame   Running   5m\nweb    Pending   5m\nnew    Running   5m\nweb    Running   5m\nlast   Running   5m\n", (await running).Out);
    }

    [Fact]
    public async Task A_kubectl_user_is_told_what_is_wrong()
    {
        Assert.Equal(new Outcome(1, "", "error: the server doesn't have a resource type \"foo\"\n"), await Orc.RunAsync("get foo"));
        Assert.Equal(
            new Outcome(1, "", "You must specify the type of resource to get. Use \"orc api-resources\" for a complete list of supported resources.\n\nerror: Required resource not specified.\n"),
            await Orc.RunAsync("get"));
        Assert.Equal("error: a resource cannot be retrieved by name across all namespaces\n", (await Orc.RunAsync("get pod web -A")).Error);
        Assert.Equal("error: name cannot be provided when a selector is specified\n", (await Orc.RunAsync("get pod web -l a=b")).Error);
        Assert.Equal("error: you may only specify a single resource type\n", (await Orc.RunAsync("get pods,vm -w")).Error);
        Assert.StartsWith("error: unable to match a printer suitable for the output format \"foo\"", (await Orc.RunAsync("get pods -o foo")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reasons_are_the_servers()
    {
        Server.Objects.Failures.Enqueue(FakeObjects.Error(Code.OutOfRange, "Gone", "too old resource version: 3 (9)"));
        Assert.Equal(new Outcome(1, "", "Error from server (Gone): too old resource version: 3 (9)\n"), await Orc.RunAsync("get pods"));
    }
}
