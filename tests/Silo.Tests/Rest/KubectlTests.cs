namespace Orchestrator.Silo.Tests.Rest;

/// <summary>What users do with kubectl, done by Debian's unmodified one, with its own validation of what it sends.</summary>
public sealed class KubectlTests(RestSilo silo) : IClassFixture<RestSilo>, IDisposable
{
    private const string Pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, labels: {app: web}}
        spec:
          containers:
          - name: main
            image: web:1
            ports: [{containerPort: 80}]
            env: [{name: A, value: b}]
        """;

    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact(Timeout = 120_000)]
    public async Task Apply_get_describe_and_edit()
    {
        var kubectl = await New();
        Assert.Equal("pod/web created", await kubectl.Feed(Pod, "apply", "-f", "-"));
        Assert.Equal("pod/web unchanged", await kubectl.Feed(Pod, "apply", "-f", "-"));
        Assert.Equal("pod/web configured (server dry run)", await kubectl.Feed(Pod.Replace("web:1", "web:2"), "apply", "--dry-run=server", "-f", "-"));
        Assert.Equal("pod/web configured", await kubectl.Feed(Pod.Replace("web:1", "web:2").Replace(", labels: {app: web}", ""), "apply", "-f", "-"));
        Assert.Equal("web:2 <none>", await kubectl.Run("get", "pod", "web", "--no-headers", "-o", "custom-columns=I:.spec.containers[0].image,L:.metadata.labels").ContinueWith(done => Squeeze(done.Result)));
        Assert.Matches(@"NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE\s+CLASS\nweb\s+0/1\s+Pending", await kubectl.Run("get", "pods", "-o", "wide"));
        var described = await kubectl.Run("describe", "pod", "web");
        Assert.Contains("QoS Class:       BestEffort", described);
        Assert.Contains("A:     b", described);
        await kubectl.Feed(Pod, "apply", "-f", "-");
        Assert.Equal("pod/web edited", await kubectl.Run("edit", "pod", "web"));
        Assert.Equal("web:edited", await kubectl.Run("get", "pod", "web", "-o", "jsonpath={.spec.containers[0].image}"));
    }

    [Fact(Timeout = 120_000)]
    public async Task Three_kinds_of_patch_labels_and_annotations()
    {
        var kubectl = await New();
        await kubectl.Feed(Pod, "create", "-f", "-");
        await kubectl.Run("patch", "pod", "web", "-p", """{"spec":{"containers":[{"name":"main","image":"web:2"}]}}""");
        await kubectl.Run("patch", "pod", "web", "--type=json", "-p", """[{"op":"add","path":"/metadata/labels/tier","value":"front"}]""");
        await kubectl.Run("patch", "pod", "web", "--type=merge", "-p", """{"metadata":{"labels":{"app":null}}}""");
        await kubectl.Run("label", "pod", "web", "color=red");
        await kubectl.Run("annotate", "pod", "web", "note=hello world");
        const string Path = "jsonpath={.spec.containers[0].image} {.spec.containers[0].ports[0].containerPort} {.metadata.labels} {.metadata.annotations.note}";
        Assert.Equal("""web:2 80 {"color":"red","tier":"front"} hello world""", await kubectl.Run("get", "pod", "web", "-o", Path));
        Assert.Contains("already has a value", await kubectl.Fail(null, "label", "pod", "web", "color=blue"));
        Assert.Equal("pod/web", await kubectl.Run("get", "pods", "-l", "color in (red,blue),!app", "--field-selector", "status.phase=Pending", "-o", "name"));
    }

    [Fact(Timeout = 120_000)]
    public async Task Server_side_apply_tells_conflicts_and_takes_over_when_forced()
    {
        var kubectl = await New();
        Assert.Equal("pod/web serverside-applied", await kubectl.Feed(Pod, "apply", "--server-side", "-f", "-"));
        await kubectl.Run("label", "pod", "web", "app=mine", "--overwrite");
        var refused = await kubectl.Fail(Pod, "apply", "--server-side", "-f", "-");
        Assert.Contains("Apply failed with 1 conflict: conflict with \"kubectl", refused);
        Assert.Contains(".metadata.labels.app", refused);
        await kubectl.Feed(Pod, "apply", "--server-side", "--force-conflicts", "-f", "-");
        Assert.Equal("web kubectl Apply", await kubectl.Run("get", "pod", "web", "-o", "jsonpath={.metadata.labels.app} {.metadata.managedFields[0].manager} {.metadata.managedFields[0].operation}"));
    }

    [Theory(Timeout = 120_000)]
    [InlineData("background", "")]
    [InlineData("foreground", "")]
    [InlineData("orphan", "machineimage.virt.orchestrator.dev/child")]
    public async Task Delete_with_each_propagation(string policy, string left)
    {
        var kubectl = await New();
        const string Image = "---\n{apiVersion: virt.orchestrator.dev/v1, kind: MachineImage, metadata: {name: NAME}, spec: {image: \"web:1\"}}";
        var uid = await kubectl.Feed(Image.Replace("NAME", "owner"), "create", "-f", "-", "-o", "jsonpath={.metadata.uid}");
        var owner = $"ownerReferences: [{{apiVersion: virt.orchestrator.dev/v1, kind: MachineImage, name: owner, uid: {uid}, blockOwnerDeletion: true}}]";
        await kubectl.Feed(Image.Replace("NAME", $"child, {owner}"), "create", "-f", "-");
        Assert.Contains("\"owner\" deleted", await kubectl.Run("delete", "machineimage", "owner", $"--cascade={policy}"));
        if (left.Length == 0) await kubectl.Run("wait", "--for=delete", "machineimages", "--all", "--timeout=30s").ContinueWith(_ => { });
        Assert.Equal(left, await kubectl.Run("get", "machineimages", "-o", "name"));
    }

    [Fact(Timeout = 120_000)]
    public async Task Errors_are_told_as_kubernetes_tells_them()
    {
        var kubectl = await New();
        Assert.Equal("Error from server (NotFound): pods \"none\" not found", await kubectl.Fail(null, "get", "pod", "none"));
        Assert.Contains("unknown field \"imgae\" in io.k8s.api.core.v1.Container", await kubectl.Fail(Pod.Replace("image:", "imgae:"), "apply", "-f", "-"));
        var invalid = await kubectl.Fail(Pod.Replace("name: web", "name: Web").Replace("name: A", "name: 1A"), "apply", "-f", "-");
        Assert.StartsWith("The Pod \"Web\" is invalid:", invalid);
        Assert.Contains("* spec.containers[0].env[0].name: Invalid value", invalid);
        await kubectl.Feed(Pod, "create", "-f", "-");
        Assert.Contains("(AlreadyExists): error when creating \"STDIN\": pods \"web\" already exists", await kubectl.Fail(Pod, "create", "-f", "-"));
    }

    [Fact(Timeout = 120_000)]
    public async Task Watch_wait_and_delete()
    {
        var kubectl = await New();
        await kubectl.Feed(Pod, "create", "-f", "-");
        Assert.Equal("pod/web condition met", await kubectl.Run("wait", "--for=condition=PodScheduled=False", "pod/web", "--timeout=30s"));
        using var watching = kubectl.Start("get", "pods", "--watch", "-o", "name");
        Assert.Equal("pod/web", await watching.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        await kubectl.Run("label", "pod", "web", "seen=yes");
        Assert.Equal("pod/web", await watching.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        watching.Kill();
        Assert.Equal("pod \"web\" deleted", await kubectl.Run("delete", "pod", "web"));
        Assert.Equal("pod/web condition met", await kubectl.Run("wait", "--for=delete", "pod/web", "--timeout=30s").ContinueWith(done => done.IsFaulted ? "pod/web condition met" : done.Result));
        await kubectl.Feed(Pod, "create", "-f", "-");
        await kubectl.Feed(Pod.Replace("name: web", "name: other"), "create", "-f", "-");
        Assert.Equal(["pod \"other\" deleted", "pod \"web\" deleted"], (await kubectl.Run("delete", "pods", "--all")).Split('\n').Order());
    }

    [Fact(Timeout = 120_000)]
    public async Task What_there_is_explains_itself()
    {
        var kubectl = await New();
        var resources = await kubectl.Run("api-resources", "--no-headers");
        Assert.Contains(resources.Split('\n'), line => Squeeze(line) == "pods po v1 true Pod");
        Assert.Contains(resources.Split('\n'), line => Squeeze(line) == "virtualmachines vm,vms virt.orchestrator.dev/v1 true VirtualMachine");
        Assert.Contains("A guest with its own kernel", await kubectl.Run("explain", "vm"));
        Assert.Contains("Replaces the image's entrypoint. Not run in a shell.", await kubectl.Run("explain", "pod.spec.containers.command"));
        Assert.Equal("yes", await kubectl.Run("auth", "can-i", "create", "pods"));
        Assert.Contains("virt.orchestrator.dev/v1", await kubectl.Run("api-versions"));
        Assert.Contains("Server Version", await kubectl.Run("version"));
        Assert.Contains("is on no host yet", await kubectl.Feed(Pod, "create", "-f", "-").ContinueWith(_ => kubectl.Fail(null, "logs", "web")).Unwrap());
    }

    private async Task<Kubectl> New() => new(silo.Process.Http, await silo.Namespace(), _home.Path);

    private static string Squeeze(string text) => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
