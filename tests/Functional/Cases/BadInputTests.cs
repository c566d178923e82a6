using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Functional.Running;

namespace Orchestrator.Functional.Cases;

/// <summary>What is refused says why, and nothing of it is stored.</summary>
public sealed class BadInputTests(DevCluster cluster)
{
    private const string Good = "apiVersion: v1\nkind: Pod\nmetadata: {name: beside-the-bad}\nspec: {containers: [{name: a, image: b}]}\n---\n";

    public static TheoryData<string, string, string[]> Refused => new()
    {
        { "malformed YAML", "apiVersion: v1\nkind: Pod\nmetadata: {name: [\n", ["stdin"] },
        { "an unknown kind", "apiVersion: v1\nkind: Pot\nmetadata: {name: x}\n", ["Pot"] },
        { "an unknown version", "apiVersion: v9\nkind: Pod\nmetadata: {name: x}\n", ["v9"] },
        {
            "an unknown field, a wrong type and a bad quantity at once",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  colour: red\n  terminationGracePeriodSeconds: soon\n  containers:\n"
            + "  - {name: a, image: b, resources: {limits: {memory: 12Qi}}}\n",
            ["spec.colour", "spec.terminationGracePeriodSeconds", "spec.containers[0].resources.limits", "12Qi"]
        },
        { "a missing required field", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: a}]}\n", ["spec.containers[0].image"] },
        { "a name that climbs out", "apiVersion: v1\nkind: Pod\nmetadata: {name: ../../etc}\nspec: {containers: [{name: a, image: b}]}\n", ["metadata.name", "../../etc"] },
        {
            "a namespace that climbs out",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: x, namespace: ../kube}\nspec: {containers: [{name: a, image: b}]}\n", ["metadata.namespace"]
        },
        { "an empty manifest", "# nothing\n", ["no objects"] },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_bad_manifest_is_refused_whole(string what, string manifest, string[] said)
    {
        var before = await StoredAsync();
        var result = await cluster.ApplyAsync(Good + manifest);
        if (what == "an empty manifest") result = await cluster.ApplyAsync(manifest);
        Assert.True(result.ExitCode == 1, result.ToString());
        foreach (var part in said) Assert.Contains(part, result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
        if (what != "an empty manifest") Assert.Equal(before, await StoredAsync());
    }

    [Fact]
    public async Task A_manifest_of_10_MB_is_refused()
    {
        var before = await StoredAsync();
        var manifest = $"apiVersion: v1\nkind: Pod\nmetadata:\n  name: large\n  annotations: {{a: \"{new string('x', 10_000_000)}\"}}\n"
            + "spec: {containers: [{name: a, image: b}]}\n";
        var result = await cluster.ApplyAsync(manifest);
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains("at most 3145728 are taken", result.Errors);
        Assert.Equal(before, await StoredAsync());
    }

    [Fact]
    public async Task A_watch_from_a_version_that_the_log_does_not_have_is_gone()
    {
        using var watch = cluster.Objects.Watch(new WatchRequest
        {
            Resource = new ResourceName { Resource = "pods" },
            ResourceVersion = "999999999",
            Form = Form.Json,
        });
        using var limit = new CancellationTokenSource(DevCluster.Soon, TimeProvider.System);
        var gone = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(limit.Token));
        Assert.Equal(StatusCode.OutOfRange, gone.StatusCode);
    }

    [Fact]
    public async Task A_pod_whose_image_is_missing_says_so_backs_off_and_runs_when_the_image_appears()
    {
        const string Late = "localhost/orchestrator/late:1";
        (await cluster.ApplyAsync(Manifests.Pod("late", image: Late))).Succeeded();
        await Eventually.HoldsAsync(
            () => cluster.FieldAsync("pod/late", ".status.containerStatuses[0].state.waiting.reason"),
            reason => reason == "ImagePullBackOff", TimeSpan.FromSeconds(60), "the pod backs off");
        Assert.Contains(Late, await cluster.FieldAsync("pod/late", ".status.containerStatuses[0].state.waiting.message"));
        var events = (await cluster.OrcAsync("get", "events", "--field-selector", "involvedObject.name=late")).Succeeded();
        Assert.Contains(Late, events);

        await cluster.InHostAsync("host-1", "ctr", "images", "tag", DevCluster.Image, Late);
        await cluster.WaitForPhaseAsync("pod/late", "Running");
        await cluster.DeleteAsync("pod/late");
        await cluster.InHostAsync("host-1", "ctr", "images", "rm", Late);
    }

    private async Task<string> StoredAsync() => (await cluster.OrcAsync("get", "pods", "-A", "-o", "name")).Succeeded();
}
