using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Patching;
using Orchestrator.Silo.Objects.Quotas;
using Orchestrator.Silo.Objects.Selectors;
using LabelSelector = Orchestrator.Silo.Objects.Selectors.LabelSelector;

namespace Orchestrator.Silo.Tests.Objects;

/// <summary>What a namespace may hold, and what its containers ask for.</summary>
public sealed class QuotaTests : IAsyncLifetime
{
    private SiloParts _silo = null!;

    public async ValueTask InitializeAsync() => _silo = await Samples.Silo();

    public ValueTask DisposeAsync()
    {
        _silo.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_is_over_a_quota_is_refused_with_what_was_asked_what_is_used_and_what_there_is()
    {
        await Quota("pods: 3, requests.cpu: 1, count/configmaps: 1");
        await Ok(Pod("a", "cpu: 600m"));
        Assert.Equal(
            "pods \"b\" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1",
            (await _silo.Create(Samples.Read(Pod("b", "cpu: 500m")))).Error!.Message);
        await Ok(Pod("b", "cpu: 400m"));
        await Ok(Pod("c", "memory: 1Gi"));
        Assert.Contains("exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3", (await _silo.Create(Samples.Read(Pod("d", "memory: 1Gi")))).Error!.Message);
        await _silo.Pipeline.Delete(new ObjectKey(KindCatalog.Of<Pod>().Resource, "default", "c"), KindCatalog.Of<Pod>(), new DeleteOptions(), default);
        await Ok(Pod("d", "memory: 1Gi"));
        await Ok("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
        Assert.Equal(ErrorReason.Forbidden, (await _silo.Create(Samples.Read("{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}"))).Error!.Reason);
    }

    [Fact]
    public async Task An_update_may_grow_as_far_as_there_is_room_and_always_shrink()
    {
        await Ok(Claim("a", "2Gi"));
        await Ok(Claim("b", "2Gi"));
        await Quota("requests.storage: 5Gi");
        Assert.True((await Grow("a", "3Gi")).Succeeded);
        Assert.Equal(
            "persistentvolumeclaims \"b\" is forbidden: exceeded quota: q, requested: requests.storage=1Gi, used: requests.storage=5Gi, limited: requests.storage=5Gi",
            (await Grow("b", "3Gi")).Error!.Message);
        // Over the quota already, since it was set later: what doesn't grow may change.
        await _silo.Pipeline.Delete(new ObjectKey(KindCatalog.Of<ResourceQuota>().Resource, "default", "q"), KindCatalog.Of<ResourceQuota>(), new DeleteOptions(), default);
        await Quota("requests.storage: 1Gi");
        var (patch, _) = ObjectPatch.Read(PatchType.Merge, """{"metadata":{"labels":{"a":"b"}}}"""u8.ToArray(), Contracts.Encoding.FieldValidation.Strict);
        Assert.True((await _silo.Pipeline.Patch(ClaimKey("b"), KindCatalog.Of<PersistentVolumeClaim>(), patch!, false, RequestOptions.Default, default)).Succeeded);
    }

    [Fact]
    public async Task Of_updates_at_once_only_those_that_fit_are_done()
    {
        foreach (var number in Enumerable.Range(0, 20)) await Ok(Claim($"c{number}", "1Gi"));
        await Quota("requests.storage: 25Gi");
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(() => Grow($"c{number}", "2Gi"))));
        Assert.Equal(5, results.Count(result => result.Succeeded));
    }

    [Fact]
    public async Task Many_at_once_never_share_the_last_place()
    {
        await Quota("count/configmaps: 5");
        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => Task.Run(() =>
            _silo.Create(Samples.Read($"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c{number}}}}}")))));
        Assert.Equal(5, results.Count(result => result.Succeeded));
    }

    [Fact(Timeout = 30_000)]
    public async Task The_status_says_what_is_used()
    {
        using var status = new QuotaStatus(_silo.Cache, _silo.Editor);
        await status.StartAsync(TestContext.Current.CancellationToken);
        await Quota("pods: 3, requests.cpu: 2");
        await Ok(Pod("a", "cpu: 600m"));
        var quotas = KindCatalog.Of<ResourceQuota>();
        var selection = new ObjectSelection("default", "q", LabelSelector.Everything, FieldSelector.Everything);
        await foreach (var change in _silo.Reader.Watch(quotas, selection, null, TestContext.Current.CancellationToken))
        {
            if (change.Object?.As<ResourceQuota>().Status is { } seen && seen.Used["pods"] == "1" && seen.Used["requests.cpu"] == "600m" && seen.Hard["pods"] == "3") break;
        }

        await status.StopAsync(default);
    }

    [Fact]
    public async Task A_limit_range_gives_what_is_left_out_and_refuses_what_is_too_much()
    {
        await Ok("{apiVersion: v1, kind: LimitRange, metadata: {name: l}, spec: {limits: [{type: Container, max: {cpu: 1}, min: {cpu: 100m}, default: {cpu: 500m}, maxLimitRequestRatio: {cpu: 4}}, {type: Pod, max: {memory: 1Gi}}]}}");
        var refused = (await _silo.Create(Samples.Read(Pod("a", "cpu: 50m", "cpu: 2, memory: 2Gi")))).Error!;
        Assert.Equal(
            "pods \"a\" is forbidden: [minimum cpu usage per Container is 100m, but request is 50m, maximum cpu usage per Container is 1, but limit is 2, "
                + "cpu max limit to request ratio per Container is 4, but the limit 2 is more times the request 50m, maximum memory usage per Pod is 1Gi, but limit is 2Gi]",
            refused.Message);
        var pod = (await _silo.Create(Samples.Read(Pod("a", "memory: 1Gi", "memory: 1Gi")))).Object!.As<Pod>();
        var resources = pod.Spec.Containers[0].Resources;
        Assert.Equal(("500m", "500m", "Guaranteed"), (resources.Limits["cpu"], resources.Requests["cpu"], pod.Status.QosClass));
    }

    private Task Quota(string hard) => Ok($"{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: q}}, spec: {{hard: {{{hard}}}}}}}");

    private async Task Ok(string yaml)
    {
        var result = await _silo.Create(Samples.Read(yaml));
        Assert.True(result.Succeeded, result.Error?.Message);
    }

    private static string Pod(string name, string requests, string limits = "") =>
        $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}, spec: {{containers: [{{name: main, image: web, resources: {{requests: {{{requests}}}, limits: {{{limits}}}}}}}]}}}}";

    private static string Claim(string name, string storage) =>
        $"{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: {name}}}, spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: {storage}}}}}}}}}";

    private static ObjectKey ClaimKey(string name) => new(KindCatalog.Of<PersistentVolumeClaim>().Resource, "default", name);

    private Task<ObjectResult> Grow(string name, string storage)
    {
        var (patch, _) = ObjectPatch.Read(
            PatchType.Merge, System.Text.Encoding.UTF8.GetBytes($"{{\"spec\":{{\"resources\":{{\"requests\":{{\"storage\":\"{storage}\"}}}}}}}}"), Contracts.Encoding.FieldValidation.Strict);
        return _silo.Pipeline.Patch(ClaimKey(name), KindCatalog.Of<PersistentVolumeClaim>(), patch!, statusOnly: false, RequestOptions.Default, default);
    }
}
