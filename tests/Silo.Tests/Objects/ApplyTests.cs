using System.Text;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Patching;

namespace Orchestrator.Silo.Tests.Objects;

/// <summary>Server-side apply: who owns what, and what becomes of what is no longer said.</summary>
public sealed class ApplyTests : IAsyncLifetime
{
    private static readonly Kind Pods = KindCatalog.Of<Pod>();

    private SiloParts _silo = null!;

    public async ValueTask InitializeAsync() => _silo = await Samples.Silo();

    public ValueTask DisposeAsync()
    {
        _silo.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Two_appliers_own_what_they_name_and_lose_only_that()
    {
        await Apply("one", "labels: {app: web, tier: front}", Container("web:1"));
        await Apply("two", "labels: {team: blue}");
        Assert.Equal(["app", "team", "tier"], Labels());
        // What one no longer names goes, what two has named stays.
        await Apply("one", "labels: {app: web}", Container("web:1"));
        Assert.Equal(["app", "team"], Labels());
        await Apply("two", "labels: {}");
        Assert.Equal(["app"], Labels());
        Assert.Equal(["one"], Pod.Metadata.ManagedFields.Select(entry => entry.Manager));
    }

    [Fact]
    public async Task A_field_that_another_has_set_differently_is_a_conflict_unless_forced()
    {
        await Apply("one", "labels: {app: web}", Container("web:1"));
        var refused = await Try("two", false, "labels: {app: other}", Container("web:2"));
        Assert.Equal(ErrorReason.Conflict, refused.Error!.Reason);
        Assert.Equal([".metadata.labels.app", ".spec.containers[name=\"main\"].image"], refused.Error.Fields.Select(field => field.Path));
        Assert.All(refused.Error.Fields, field => Assert.Equal(("conflict with \"one\" using v1", "FieldManagerConflict"), (field.Message, field.Reason)));
        Assert.True((await Try("two", true, "labels: {app: other}")).Succeeded);
        Assert.Equal("other", Pod.Metadata.Labels["app"]);
        // The label is two's now: one can give it up, and it stays.
        await Apply("one", "labels: {}", Container("web:1"));
        Assert.Equal("other", Pod.Metadata.Labels["app"]);
    }

    [Fact]
    public async Task Who_says_the_same_shares_and_the_last_to_let_go_takes_it_out()
    {
        await Apply("one", "labels: {app: web}", Container("web:1"));
        await Apply("two", "labels: {app: web}");
        await Apply("one", "labels: {}", Container("web:1"));
        Assert.Equal(["app"], Labels());
        await Apply("two", "labels: {}");
        Assert.Empty(Labels());
    }

    [Fact]
    public async Task An_update_takes_what_it_changes()
    {
        await Apply("one", "labels: {app: web, tier: front}", Container("web:1"));
        var (patch, _) = ObjectPatch.Read(PatchType.Merge, """{"metadata":{"labels":{"app":"edited"}}}"""u8.ToArray(), FieldValidation.Strict);
        await _silo.Pipeline.Patch(Key, Pods, patch!, statusOnly: false, new RequestOptions(FieldManager: "editor"), default);
        var editor = Pod.Metadata.ManagedFields.Single(entry => entry.Manager == "editor");
        Assert.Equal(("Update", """{"f:metadata":{"f:labels":{"f:app":{}}}}"""), (editor.Operation, editor.FieldsV1.ToStringUtf8()));
        var refused = await Try("one", false, "labels: {app: web, tier: front}", Container("web:1"));
        Assert.Equal("conflict with \"editor\" using v1", Assert.Single(refused.Error!.Fields).Message);
        // Without the label one has no quarrel, and the label stays.
        await Apply("one", "labels: {tier: front}", Container("web:1"));
        Assert.Equal("edited", Pod.Metadata.Labels["app"]);
    }

    [Fact]
    public async Task Nothing_is_written_where_nothing_changes_and_defaults_belong_to_nobody()
    {
        await Apply("one", "labels: {app: web}", Container("web:1"));
        var revision = _silo.Cache.Revision;
        Assert.Equal(ObjectOutcome.Unchanged, (await Try("one", false, "labels: {app: web}", Container("web:1"))).Outcome);
        Assert.Equal(revision, _silo.Cache.Revision);
        Assert.DoesNotContain("restartPolicy", Pod.Metadata.ManagedFields[0].FieldsV1.ToStringUtf8());
        Assert.Equal("Always", Pod.Spec.RestartPolicy);
    }

    [Fact]
    public async Task What_nobody_has_applied_keeps_no_record_and_is_taken_by_the_first()
    {
        await _silo.Create(Samples.Pod("web"));
        Assert.Empty(Pod.Metadata.ManagedFields);
        Assert.True((await Try("one", false, "labels: {app: web}", Container("web:2"))).Succeeded);
        Assert.Equal(("web:2", "one"), (Pod.Spec.Containers[0].Image, Assert.Single(Pod.Metadata.ManagedFields).Manager));
    }

    [Fact]
    public async Task The_status_is_applied_through_its_own_door()
    {
        await Apply("one", "labels: {app: web}", Container("web:1"));
        var said = Decode("labels: {ignored: \"yes\"}", "status: {message: hello}");
        var result = await _silo.Pipeline.Apply(Pods, said, statusOnly: true, new RequestOptions(FieldManager: "host"), default);
        Assert.True(result.Succeeded, result.Error?.Message);
        Assert.Equal(("hello", "Pending"), (Pod.Status.Message, Pod.Status.Phase));
        Assert.Equal(["app"], Labels());
        Assert.Equal(("status", """{"f:status":{"f:message":{}}}"""), Pod.Metadata.ManagedFields.Where(entry => entry.Manager == "host").Select(entry => (entry.Subresource, entry.FieldsV1.ToStringUtf8())).Single());
        await Apply("one", "labels: {app: web}", Container("web:1"), "status: {message: other}");
        Assert.Equal("hello", Pod.Status.Message);
    }

    [Fact]
    public async Task A_container_that_is_no_longer_named_goes_and_one_that_others_speak_of_stays()
    {
        await Apply("one", "labels: {}", Container("web:1"));
        Assert.Equal(1, Pod.Metadata.Generation);
        var more = await Try("one", false, "labels: {}", "spec: {containers: [{name: main, image: \"web:1\"}], tolerations: [{key: a, operator: Exists}]}");
        Assert.True(more.Succeeded, more.Error?.Message);
        Assert.Equal(("a", 2L), (Pod.Spec.Tolerations.Single().Key, Pod.Metadata.Generation));
    }

    private static readonly Orchestrator.Contracts.Ids.ObjectKey Key = new(Pods.Resource, "default", "web");

    private Pod Pod => _silo.Cache.Find(Key)!.As<Pod>();

    private IEnumerable<string> Labels() => Pod.Metadata.Labels.Keys.Order();

    private static string Container(string image) => $"spec: {{containers: [{{name: main, image: \"{image}\"}}]}}";

    private async Task Apply(string manager, string metadata, params string[] parts)
    {
        var result = await Try(manager, false, metadata, parts);
        Assert.True(result.Succeeded, result.Error?.Message);
    }

    private Task<ObjectResult> Try(string manager, bool force, string metadata, params string[] parts) =>
        _silo.Pipeline.Apply(Pods, Decode(metadata, parts), statusOnly: false, new RequestOptions(FieldManager: manager, Force: force), default);

    private static Google.Protobuf.IMessage Decode(string metadata, params string[] parts)
    {
        var yaml = $"metadata:\n  name: web\n  namespace: default\n  {metadata}\n{string.Join('\n', parts)}\n";
        var decoded = ObjectBody.Decode(Encoding.UTF8.GetBytes(yaml), yaml: true, Pods, FieldValidation.Strict);
        Assert.Empty(decoded.Errors);
        return decoded.Message!;
    }
}
