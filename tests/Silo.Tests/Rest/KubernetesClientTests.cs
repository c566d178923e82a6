using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Orchestrator.Silo.Tests.Rest;

/// <summary>Kubernetes' official client for .NET, unmodified, against the REST door.</summary>
public sealed class KubernetesClientTests(RestSilo silo) : IClassFixture<RestSilo>
{
    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    private Kubernetes Client() => new(new KubernetesClientConfiguration { Host = silo.Http.BaseAddress!.ToString() });

    [Fact(Timeout = 60_000)]
    public async Task It_creates_reads_replaces_and_deletes_typed_objects()
    {
        using var client = Client();
        var ns = await silo.Namespace();
        var created = await client.CoreV1.CreateNamespacedConfigMapAsync(Map("settings", "1"), ns, cancellationToken: Limit);
        Assert.Equal(("settings", ns), (created.Metadata.Name, created.Metadata.NamespaceProperty));
        Assert.NotNull(created.Metadata.CreationTimestamp);

        created.Data["value"] = "2";
        var replaced = await client.CoreV1.ReplaceNamespacedConfigMapAsync(created, "settings", ns, cancellationToken: Limit);
        Assert.Equal("2", (await client.CoreV1.ReadNamespacedConfigMapAsync("settings", ns, cancellationToken: Limit)).Data["value"]);
        created.Data["value"] = "3";
        var stale = await Assert.ThrowsAsync<HttpOperationException>(() => client.CoreV1.ReplaceNamespacedConfigMapAsync(created, "settings", ns, cancellationToken: Limit));
        Assert.Equal(409, (int)stale.Response.StatusCode);
        Assert.NotEqual(created.Metadata.ResourceVersion, replaced.Metadata.ResourceVersion);

        await client.CoreV1.DeleteNamespacedConfigMapAsync("settings", ns, cancellationToken: Limit);
        var gone = await Assert.ThrowsAsync<HttpOperationException>(() => client.CoreV1.ReadNamespacedConfigMapAsync("settings", ns, cancellationToken: Limit));
        Assert.Equal(404, (int)gone.Response.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task It_patches_in_each_way_and_scales()
    {
        using var client = Client();
        var ns = await silo.Namespace();
        await client.AppsV1.CreateNamespacedDeploymentAsync(Web(), ns, cancellationToken: Limit);
        await client.AppsV1.PatchNamespacedDeploymentAsync(new V1Patch("""{"metadata":{"labels":{"a":"1"}}}""", V1Patch.PatchType.MergePatch), "web", ns, cancellationToken: Limit);
        await client.AppsV1.PatchNamespacedDeploymentAsync(
            new V1Patch("""[{"op":"add","path":"/metadata/labels/b","value":"2"}]""", V1Patch.PatchType.JsonPatch), "web", ns, cancellationToken: Limit);
        var image = """{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"web:2"}]}}}}""";
        var patched = await client.AppsV1.PatchNamespacedDeploymentAsync(new V1Patch(image, V1Patch.PatchType.StrategicMergePatch), "web", ns, cancellationToken: Limit);
        Assert.Equal(["a", "app", "b"], patched.Metadata.Labels.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("web:2", Assert.Single(patched.Spec.Template.Spec.Containers).Image);

        var apply = """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"c":"3"}}}""";
        var applied = await client.AppsV1.PatchNamespacedDeploymentAsync(
            new V1Patch(apply, V1Patch.PatchType.ApplyPatch), "web", ns, fieldManager: "tests", force: true, cancellationToken: Limit);
        Assert.Contains(applied.Metadata.ManagedFields, entry => entry.Manager == "tests" && entry.Operation == "Apply");

        var scale = await client.AppsV1.ReadNamespacedDeploymentScaleAsync("web", ns, cancellationToken: Limit);
        scale.Spec.Replicas = 5;
        await client.AppsV1.ReplaceNamespacedDeploymentScaleAsync(scale, "web", ns, cancellationToken: Limit);
        Assert.Equal(5, (await client.AppsV1.ReadNamespacedDeploymentAsync("web", ns, cancellationToken: Limit)).Spec.Replicas);
    }

    /// <summary>What every controller does: list, watch from there, list anew where the version has gone.</summary>
    [Fact(Timeout = 60_000)]
    public async Task It_lists_in_pages_watches_from_there_and_learns_that_a_version_is_gone()
    {
        using var client = Client();
        var ns = await silo.Namespace();
        for (var number = 0; number < 5; number++) await client.CoreV1.CreateNamespacedConfigMapAsync(Map($"m{number}", "1"), ns, cancellationToken: Limit);
        var (names, version, next) = (new List<string>(), "", "");
        do
        {
            var page = await client.CoreV1.ListNamespacedConfigMapAsync(ns, limit: 2, continueParameter: next, cancellationToken: Limit);
            names.AddRange(page.Items.Select(map => map.Metadata.Name));
            (version, next) = (page.Metadata.ResourceVersion, page.Metadata.ContinueProperty);
        }
        while (!string.IsNullOrEmpty(next));
        Assert.Equal(["m0", "m1", "m2", "m3", "m4"], names);

        await using var events = client.CoreV1.WatchListNamespacedConfigMapAsync(ns, resourceVersion: version, cancellationToken: Limit).GetAsyncEnumerator(Limit);
        await client.CoreV1.CreateNamespacedConfigMapAsync(Map("more", "1"), ns, cancellationToken: Limit);
        await client.CoreV1.PatchNamespacedConfigMapAsync(new V1Patch("""{"data":{"value":"2"}}""", V1Patch.PatchType.MergePatch), "more", ns, cancellationToken: Limit);
        await client.CoreV1.DeleteNamespacedConfigMapAsync("more", ns, cancellationToken: Limit);
        foreach (var (type, value) in new[] { (WatchEventType.Added, "1"), (WatchEventType.Modified, "2"), (WatchEventType.Deleted, "2") })
        {
            Assert.True(await events.MoveNextAsync());
            Assert.Equal((type, "more", value), (events.Current.Item1, events.Current.Item2.Metadata.Name, events.Current.Item2.Data["value"]));
        }

        var ahead = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (var _ in client.CoreV1.WatchListNamespacedConfigMapAsync(ns, resourceVersion: "999999999", cancellationToken: Limit))
            {
            }
        });
        Assert.Contains("410", $"{(ahead as HttpOperationException)?.Response.StatusCode:D} {(ahead as KubernetesException)?.Status.Code}");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_refusal_is_a_status_with_every_cause()
    {
        using var client = Client();
        var ns = await silo.Namespace();
        var web = Web();
        web.Spec.Replicas = -1;
        web.Spec.Template.Spec.Containers[0].Name = "Not A Name";
        var refused = await Assert.ThrowsAsync<HttpOperationException>(() => client.AppsV1.CreateNamespacedDeploymentAsync(web, ns, cancellationToken: Limit));
        var status = KubernetesJson.Deserialize<V1Status>(refused.Response.Content);
        Assert.Equal((422, "Invalid"), (status.Code, status.Reason));
        Assert.Equal(["spec.replicas", "spec.template.spec.containers[0].name"], status.Details.Causes.Select(cause => cause.Field).Order(StringComparer.Ordinal));
    }

    private static V1ConfigMap Map(string name, string value) =>
        new() { Metadata = new V1ObjectMeta { Name = name }, Data = new Dictionary<string, string> { ["value"] = value } };

    private static V1Deployment Web() => new()
    {
        Metadata = new V1ObjectMeta { Name = "web", Labels = new Dictionary<string, string> { ["app"] = "web" } },
        Spec = new V1DeploymentSpec
        {
            Replicas = 2,
            Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } },
            Template = new V1PodTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "web" } },
                Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "web:1" }] },
            },
        },
    };
}
