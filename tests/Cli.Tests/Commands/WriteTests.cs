using Google.Rpc;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Tests.Fakes;

namespace Orchestrator.Cli.Tests.Commands;

public sealed class WriteTests : ServerTest
{
    private const string Web = """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"nodeName":"a"}}""";

    [Fact]
    public async Task Apply_says_what_became_of_each_object()
    {
        Orc.Input = Web;
        Assert.Equal(new Outcome(0, "pod/web created\n", ""), await Orc.RunAsync("apply -f -"));
        Assert.Equal("pod/web unchanged\n", (await Orc.RunAsync("apply -f -")).Out);
        Orc.Input = Web.Replace("\"a\"", "\"b\"");
        Assert.Equal("pod/web configured (server dry run)\n", (await Orc.RunAsync("apply -f - --dry-run=server")).Out);
        Assert.Equal("pod/web configured\n", (await Orc.RunAsync("apply -f -")).Out);
        Assert.Equal("pod/web\n", (await Orc.RunAsync("apply -f - -o name")).Out);
        Assert.Equal("stdin", Server.Objects.Requests.OfType<ApplyRequest>().Last().Manifest.Source);
        Orc.Input = Web.Replace("web", "elsewhere");
        Assert.Equal(0, (await Orc.RunAsync("apply -f - -n team")).ExitCode);
        Assert.Equal("team", Server.Objects.Requests.OfType<ApplyRequest>().Last().DefaultNamespace);
    }

    [Fact]
    public async Task Apply_takes_folders_in_order_and_with_R_all_below_them()
    {
        var folder = Directory.CreateTempSubdirectory("orc-apply-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "deep"));
        foreach (var (file, name) in ((string, string)[])[("b.json", "b"), ("a.yaml", "a"), ("deep/c.yml", "c")])
            await File.WriteAllTextAsync(Path.Combine(folder, file), Web.Replace("web", name));
        await File.WriteAllTextAsync(Path.Combine(folder, "notes.txt"), "no manifest");
        try
        {
            Assert.Equal("pod/a created\npod/b created\n", (await Orc.RunAsync("apply", "-f", folder)).Out);
            Assert.Equal("pod/a unchanged\npod/b unchanged\npod/c created\n", (await Orc.RunAsync("apply", "-Rf", folder)).Out);
            Assert.Equal("pod/a unchanged\npod/b unchanged\n", (await Orc.RunAsync("apply", "-f", Path.Combine(folder, "a.yaml"), "-f", Path.Combine(folder, "b.json"))).Out);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Every_field_error_has_its_line()
    {
        Orc.Input = Web;
        Server.Objects.Failures.Enqueue(FakeObjects.Error(
            Code.InvalidArgument, "Invalid", "the manifest has 2 errors: stdin:3:1: a.b: bad; stdin:7:5: c: unknown field 'c'",
            ("a.b", "bad", "stdin:3:1: a.b: bad"), ("c", "unknown field 'c'", "stdin:7:5: c: unknown field 'c'")));
        Assert.Equal(
            new Outcome(1, "", "Error from server (Invalid): the manifest has 2 errors:\n  stdin:3:1: a.b: bad\n  stdin:7:5: c: unknown field 'c'\n"),
            await Orc.RunAsync("apply -f -"));
        Server.Objects.Failures.Enqueue(FakeObjects.Error(
            Code.InvalidArgument, "Invalid", "web.yaml:9: Pod \"x\" is invalid: spec: Forbidden (1 of 2 applied)", ("spec", "Forbidden", "web.yaml:9:1: spec: Forbidden")));
        Assert.Equal("Error from server (Invalid): web.yaml:9: Pod \"x\" is invalid: spec: Forbidden (1 of 2 applied)\n", (await Orc.RunAsync("apply -f -")).Error);
    }

    [Fact]
    public async Task A_write_with_an_unknown_outcome_is_repeated_with_the_same_request_id()
    {
        Orc.Input = Web;
        for (var i = 0; i < 2; i++) Server.Objects.Failures.Enqueue(FakeObjects.Error(Code.Unavailable, "ServiceUnavailable", "starting"));
        Assert.Equal(new Outcome(0, "pod/web created\n", ""), await Orc.RunAsync("apply -f -"));
        var ids = Server.Objects.Requests.OfType<ApplyRequest>().Select(request => request.RequestId).ToList();
        Assert.Equal(3, ids.Count);
        Assert.Single(ids.Distinct());
        Assert.NotEqual("", ids[0]);
    }

    [Fact]
    public async Task Create_sends_each_document_and_goes_on_after_an_error()
    {
        PutPod("web");
        Orc.Input = $"{Web}\n---\n{Web.Replace("web", "b")}\n";
        Assert.Equal(new Outcome(1, "pod/b created\n", "Error from server (AlreadyExists): pods \"web\" already exists\n"), await Orc.RunAsync("create -f -"));
    }

    [Fact]
    public async Task Labels_are_set_changed_only_on_request_and_removed()
    {
        PutPod("web");
        Assert.Equal("pod/web labeled\n", (await Orc.RunAsync("label pod web a=b")).Out);
        Assert.Equal(new Outcome(1, "", "error: 'a' already has a value (b), and --overwrite is false\n"), await Orc.RunAsync("label pod/web a=c"));
        Assert.Equal("pod/web labeled\n", (await Orc.RunAsync("label pod/web a=c --overwrite")).Out);
        Assert.Equal("pod/web not labeled\n", (await Orc.RunAsync("label pod/web a=c")).Out);
        Assert.Equal("pod/web unlabeled\n", (await Orc.RunAsync("label pod/web a-")).Out);
        Assert.Equal("pod/web annotated\n", (await Orc.RunAsync("annotate pod/web x=y=z")).Out);
        Assert.Equal("y=z", (await Orc.RunAsync("get pod web -o jsonpath={.metadata.annotations.x}")).Out);
    }

    [Fact]
    public async Task Hosts_are_cordoned_once()
    {
        Server.Objects.Put("""{"apiVersion":"v1","kind":"Node","metadata":{"name":"h"},"spec":{}}""");
        Assert.Equal("node/h cordoned\n", (await Orc.RunAsync("cordon h")).Out);
        Assert.Equal("node/h already cordoned\n", (await Orc.RunAsync("cordon node/h")).Out);
        Assert.Equal("node/h uncordoned\n", (await Orc.RunAsync("uncordon h")).Out);
        Assert.Equal("{}", (await Orc.RunAsync("get node h -o jsonpath={.spec}")).Out);
        Assert.Equal(1, (await Orc.RunAsync("cordon nope")).ExitCode);
    }

    [Fact]
    public async Task The_power_of_a_machine_is_what_its_spec_says()
    {
        const string Machine = "virtualmachine.virt.orchestrator.dev/db";
        Server.Objects.Put(
            """{"apiVersion":"virt.orchestrator.dev/v1","kind":"VirtualMachine","metadata":{"name":"db","namespace":"default"},"spec":{"runStrategy":"Always"}}""");
        Assert.Equal($"{Machine} already started\n", (await Orc.RunAsync("start db")).Out);
        Assert.Equal($"{Machine} paused\n", (await Orc.RunAsync("pause vm/db")).Out);
        Assert.Equal($"{Machine} already paused\n", (await Orc.RunAsync("pause db")).Out);
        Assert.Equal("""{"runStrategy":"Always","paused":true}""", await SpecAsync());
        Assert.Equal($"{Machine} resumed\n", (await Orc.RunAsync("resume db")).Out);
        Assert.Equal($"{Machine} already resumed\n", (await Orc.RunAsync("resume db")).Out);
        Assert.Equal("""{"runStrategy":"Always"}""", await SpecAsync());

        await Orc.RunAsync("pause db");
        Assert.Equal($"{Machine} restarted\n", (await Orc.RunAsync("restart db")).Out);
        var first = (await Orc.RunAsync("get vm db -o jsonpath={.spec.powerCycle.id}")).Out;
        Assert.Equal($"{Machine} reset\n", (await Orc.RunAsync("reset db")).Out);
        Assert.Equal("Reset", (await Orc.RunAsync("get vm db -o jsonpath={.spec.powerCycle.type}")).Out);
        Assert.NotEqual(first, (await Orc.RunAsync("get vm db -o jsonpath={.spec.powerCycle.id}")).Out);
        Assert.Equal("", (await Orc.RunAsync("get vm db -o jsonpath={.spec.paused}")).Out);

        Assert.Equal($"{Machine} stopped\n", (await Orc.RunAsync("stop db")).Out);
        Assert.Equal($"{Machine} already stopped\n", (await Orc.RunAsync("stop db")).Out);
        Assert.Equal(new Outcome(1, "", $"error: {Machine} is stopped: start it with \"orc start db\"\n"), await Orc.RunAsync("pause db"));
        Assert.Equal($"{Machine} started\n", (await Orc.RunAsync("start db")).Out);
        Assert.Equal("Always", (await Orc.RunAsync("get vm db -o jsonpath={.spec.runStrategy}")).Out);
        Assert.Equal(1, (await Orc.RunAsync("start pod/db")).ExitCode);
        Assert.Equal(1, (await Orc.RunAsync("start nope")).ExitCode);

        async Task<string> SpecAsync() => (await Orc.RunAsync("get vm db -o jsonpath={.spec}")).Out;
    }

    [Fact]
    public async Task Snapshots_are_named_in_the_spec()
    {
        const string Machine = "virtualmachine.virt.orchestrator.dev/db";
        Server.Objects.Put("""{"apiVersion":"virt.orchestrator.dev/v1","kind":"VirtualMachine","metadata":{"name":"db","namespace":"default"},"spec":{"image":"i:1"}}""");
        Assert.Equal($"{Machine} snapshot one named\n", (await Orc.RunAsync("snapshot db one")).Out);
        Assert.Equal($"{Machine} snapshot two named\n", (await Orc.RunAsync("snapshot vm/db two")).Out);
        Assert.Equal("one two", (await Orc.RunAsync("get vm db -o jsonpath={.spec.snapshots[*].name}")).Out);
        Assert.Equal(new Outcome(1, "", $"error: {Machine} has a snapshot one already\n"), await Orc.RunAsync("snapshot db one"));
        Assert.Equal($"{Machine} snapshot one removed\n", (await Orc.RunAsync("snapshot db one --delete")).Out);
        Assert.Equal("two", (await Orc.RunAsync("get vm db -o jsonpath={.spec.snapshots[*].name}")).Out);
        Assert.Equal(new Outcome(1, "", $"error: {Machine} has no snapshot one\n"), await Orc.RunAsync("snapshot db one --delete"));
    }

    [Fact]
    public async Task Files_that_are_not_there_fail_before_anything_is_sent()
    {
        Assert.Equal(new Outcome(1, "", "error: the path \"/nonexistent/x.yaml\" does not exist\n"), await Orc.RunAsync("apply -f /nonexistent/x.yaml"));
        Assert.Equal(new Outcome(1, "", "error: must specify -f\n"), await Orc.RunAsync("apply"));
        Assert.Contains("is a URL", (await Orc.RunAsync("apply -f https://example.org/x.yaml")).Error, StringComparison.Ordinal);
        Assert.Empty(Server.Objects.Requests);
    }
}
