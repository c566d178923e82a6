using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Tests.Objects;

public sealed class ObjectPipelineTests
{
    private static readonly Kind Pods = KindCatalog.Of<Pod>();

    [Fact]
    public async Task A_created_object_gets_its_identity_and_its_first_status_from_the_system()
    {
        using var silo = await Samples.Silo();
        var asked = Samples.Pod("web");
        ((Pod)asked.Message).Metadata.Uid = "mine";
        ((Pod)asked.Message).Status = new PodStatus { Phase = "Running" };
        var result = await silo.Create(asked);
        var pod = result.Object!.As<Pod>();
        Assert.Equal(ObjectOutcome.Created, result.Outcome);
        Assert.True(Guid.TryParse(pod.Metadata.Uid, out _));
        Assert.Equal((1L, "Pending", "BestEffort"), (pod.Metadata.Generation, pod.Status.Phase, pod.Status.QosClass));
        Assert.Equal(silo.Time.GetUtcNow(), pod.Metadata.CreationTimestamp.ToDateTimeOffset());
        Assert.Equal(result.Object.Revision.ToString(), pod.Metadata.ResourceVersion);
        Assert.Equal("IfNotPresent", pod.Spec.Containers[0].ImagePullPolicy);
    }

    [Theory]
    [InlineData("web:1", "IfNotPresent")]
    [InlineData("web", "Always")]
    [InlineData("web:latest", "Always")]
    [InlineData("registry:5000/web", "Always")]
    [InlineData("registry:5000/web:2", "IfNotPresent")]
    public async Task The_pull_policy_follows_the_tag(string image, string policy)
    {
        using var silo = await Samples.Silo();
        var result = await silo.Create(Samples.Pod("web", image));
        Assert.Equal(policy, result.Object!.As<Pod>().Spec.Containers[0].ImagePullPolicy);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_and_a_generated_one_is_found()
    {
        using var silo = await Samples.Silo();
        await silo.Create(Samples.Pod("web"));
        Assert.Equal(ErrorReason.AlreadyExists, (await silo.Create(Samples.Pod("web"))).Error!.Reason);
        var generated = Samples.Pod("x");
        ((Pod)generated.Message).Metadata.Name = "";
        ((Pod)generated.Message).Metadata.GenerateName = "web-";
        var names = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ => (await silo.Create(generated)).Object!.Key.Name));
        Assert.Equal(50, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^web-[a-z0-9]{5}$", name));
    }

    [Fact]
    public async Task A_repeated_create_gives_the_first_answer()
    {
        using var silo = await Samples.Silo();
        var first = await silo.Create(Samples.Pod("web"), "request");
        var again = await silo.Create(Samples.Pod("web"), "request");
        Assert.Equal(first.Object!.Uid, again.Object!.Uid);
        var generated = Samples.Pod("x");
        (((Pod)generated.Message).Metadata.Name, ((Pod)generated.Message).Metadata.GenerateName) = ("", "web-");
        Assert.Equal((await silo.Create(generated, "named")).Object!.Key, (await silo.Create(generated, "named")).Object!.Key);
    }

    [Fact]
    public async Task A_request_id_is_good_for_one_request_only()
    {
        using var silo = await Samples.Silo();
        await silo.Create(Samples.Pod("web"), "request");
        var other = await silo.Create(Samples.Pod("other"), "request");
        Assert.Equal(ErrorReason.BadRequest, other.Error!.Reason);
        Assert.Contains("request_id", other.Error.Message, StringComparison.Ordinal);
        var delete = await silo.Pipeline.Delete(new ObjectKey(Pods.Resource, "default", "web"), Pods, new DeleteOptions(RequestId: "request"), default);
        Assert.Equal(ErrorReason.BadRequest, delete.Error!.Reason);
        Assert.Equal(["web"], silo.Cache[Pods].Current.Objects.Select(pod => pod.Key.Name));
    }

    [Fact]
    public async Task What_leads_nowhere_is_refused_with_its_field()
    {
        using var silo = await Samples.Silo();
        var unknownClass = await silo.Create(Samples.Pod("a", extra: "runtimeClassName: gvisor"));
        Assert.Contains("there are container, paravirtual", Assert.Single(unknownClass.Error!.Fields).Message);
        var machineClass = await silo.Create(Samples.Pod("a", extra: "runtimeClassName: paravirtual"));
        Assert.Equal("spec.runtimeClassName", Assert.Single(machineClass.Error!.Fields).Path);
        var elsewhere = Samples.Pod("a");
        ((Pod)elsewhere.Message).Metadata.Namespace = "nowhere";
        Assert.Equal("namespaces \"nowhere\" not found", (await silo.Create(elsewhere)).Error!.Message);
        Assert.Empty(silo.Cache[Pods].Current.Objects);
    }

    [Fact]
    public async Task A_request_above_its_limit_is_refused()
    {
        using var silo = await Samples.Silo();
        var pod = Samples.Pod("a");
        ((Pod)pod.Message).Spec.Containers[0].Resources = new ResourceRequirements { Requests = { ["cpu"] = "2" }, Limits = { ["cpu"] = "1500m" } };
        Assert.Equal("spec.containers[0].resources.requests.cpu", Assert.Single((await silo.Create(pod)).Error!.Fields).Path);
    }

    [Fact]
    public async Task Applying_the_same_manifest_again_changes_nothing_also_after_the_pod_was_bound()
    {
        using var silo = await Samples.Silo();
        Assert.Equal(ObjectOutcome.Created, (await silo.Apply(Samples.Pod("web"))).Outcome);
        Assert.Equal(ObjectOutcome.Unchanged, (await silo.Apply(Samples.Pod("web"))).Outcome);
        await silo.Bind(new ObjectKey(Pods.Resource, "default", "web"), "host-1");
        var revision = silo.Cache.Revision;
        Assert.Equal(ObjectOutcome.Unchanged, (await silo.Apply(Samples.Pod("web"))).Outcome);
        Assert.Equal(revision, silo.Cache.Revision);
    }

    [Fact]
    public async Task A_pods_image_and_labels_may_change_and_the_rest_of_its_spec_may_not()
    {
        using var silo = await Samples.Silo();
        await silo.Apply(Samples.Pod("web"));
        var updated = await silo.Apply(Samples.Pod("web", "web:2"));
        Assert.Equal((ObjectOutcome.Configured, 2L), (updated.Outcome, updated.Object!.Metadata.Generation));
        var labelled = Samples.Pod("web", "web:2");
        ((Pod)labelled.Message).Metadata.Labels["app"] = "web";
        Assert.Equal(2L, (await silo.Apply(labelled)).Object!.Metadata.Generation);
        var forbidden = await silo.Apply(Samples.Pod("web", "web:2", "restartPolicy: Never"));
        Assert.Equal((ErrorReason.Invalid, "spec"), (forbidden.Error!.Reason, forbidden.Error.Fields[0].Path));
    }

    [Fact]
    public async Task An_update_with_an_old_version_is_a_conflict_and_changes_nothing()
    {
        using var silo = await Samples.Silo();
        var old = (await silo.Create(Samples.Pod("web"))).Object!;
        await silo.Apply(Samples.Pod("web", "web:2"));
        var stale = old.Copy<Pod>();
        stale.Metadata.Labels["late"] = "yes";
        var result = await silo.Pipeline.Update(Pods, stale, statusOnly: false, RequestOptions.Default, default);
        Assert.Equal(ErrorReason.Conflict, result.Error!.Reason);
        Assert.DoesNotContain("late", silo.Cache.Find(old.Key)!.Metadata.Labels.Keys);
    }

    [Fact]
    public async Task Status_and_spec_are_written_by_different_doors()
    {
        using var silo = await Samples.Silo();
        var pod = (await silo.Create(Samples.Pod("web"))).Object!.Copy<Pod>();
        pod.Metadata.ResourceVersion = "";
        pod.Spec.Containers[0].Image = "web:2";
        pod.Status.Phase = "Running";
        var status = await silo.Pipeline.Update(Pods, pod, statusOnly: true, RequestOptions.Default, default);
        Assert.Equal(("web:1", "Running", 1L), Parts(status));
        var spec = await silo.Pipeline.Update(Pods, Samples.Pod("web", "web:3").Message, statusOnly: false, RequestOptions.Default, default);
        Assert.Equal(("web:3", "Running", 2L), Parts(spec));

        static (string, string, long) Parts(ObjectResult result) =>
            (result.Object!.As<Pod>().Spec.Containers[0].Image, result.Object.As<Pod>().Status.Phase, result.Object.Metadata.Generation);
    }

    [Fact]
    public async Task A_dry_run_answers_like_the_real_thing_and_stores_nothing()
    {
        using var silo = await Samples.Silo();
        var revision = silo.Cache.Revision;
        Assert.Equal(ObjectOutcome.Created, (await silo.Apply(Samples.Pod("web"), dryRun: true)).Outcome);
        Assert.Equal(revision, silo.Cache.Revision);
    }

    [Fact]
    public async Task An_unbound_pod_goes_at_once_and_a_bound_one_waits_for_its_host()
    {
        using var silo = await Samples.Silo();
        var key = (await silo.Create(Samples.Pod("free"))).Object!.Key;
        Assert.Equal(ObjectOutcome.Deleted, (await silo.Pipeline.Delete(key, Pods, new DeleteOptions(), default)).Outcome);
        Assert.Null(silo.Cache.Find(key));

        var bound = (await silo.Create(Samples.Pod("bound"))).Object!.Key;
        await silo.Bind(bound, "host-1");
        Assert.Equal(ObjectOutcome.Terminating, (await silo.Pipeline.Delete(bound, Pods, new DeleteOptions(), default)).Outcome);
        var going = silo.Cache.Find(bound)!;
        Assert.Equal(30L, going.Metadata.DeletionGracePeriodSeconds);
        Assert.Equal(silo.Time.GetUtcNow().AddSeconds(30), going.Metadata.DeletionTimestamp.ToDateTimeOffset());

        // A second delete may shorten the grace, never lengthen it; none at all removes the object now.
        await silo.Pipeline.Delete(bound, Pods, new DeleteOptions(GracePeriodSeconds: 60), default);
        Assert.Equal(30L, silo.Cache.Find(bound)!.Metadata.DeletionGracePeriodSeconds);
        await silo.Pipeline.Delete(bound, Pods, new DeleteOptions(GracePeriodSeconds: 5), default);
        Assert.Equal(5L, silo.Cache.Find(bound)!.Metadata.DeletionGracePeriodSeconds);
        Assert.Equal(ObjectOutcome.Deleted, (await silo.Pipeline.Delete(bound, Pods, new DeleteOptions(GracePeriodSeconds: 0), default)).Outcome);
        Assert.Null(silo.Cache.Find(bound));
    }

    [Fact]
    public async Task A_delete_with_another_uid_is_a_conflict()
    {
        using var silo = await Samples.Silo();
        var key = (await silo.Create(Samples.Pod("web"))).Object!.Key;
        Assert.Equal(ErrorReason.Conflict, (await silo.Pipeline.Delete(key, Pods, new DeleteOptions(Uid: "other"), default)).Error!.Reason);
        Assert.NotNull(silo.Cache.Find(key));
    }

    [Fact]
    public async Task A_finalizer_holds_the_object_until_it_is_taken_off()
    {
        using var silo = await Samples.Silo();
        var held = Samples.Pod("web");
        ((Pod)held.Message).Metadata.Finalizers.Add("example.com/wait");
        var key = (await silo.Create(held)).Object!.Key;
        Assert.Equal(ObjectOutcome.Terminating, (await silo.Pipeline.Delete(key, Pods, new DeleteOptions(), default)).Outcome);
        var released = silo.Cache.Find(key)!.Copy<Pod>();
        released.Metadata.Finalizers.Clear();
        Assert.Equal(ObjectOutcome.Deleted, (await silo.Pipeline.Update(Pods, released, statusOnly: false, RequestOptions.Default, default)).Outcome);
        Assert.Null(silo.Cache.Find(key));
    }

    [Fact]
    public async Task A_repeated_delete_or_update_meets_its_own_effect_and_succeeds()
    {
        using var silo = await Samples.Silo();
        var web = (await silo.Create(Samples.Pod("web"))).Object!;
        var update = web.Copy<Pod>();
        update.Metadata.Labels["app"] = "web";
        var options = new RequestOptions(RequestId: "update");
        Assert.Equal(ObjectOutcome.Configured, (await silo.Pipeline.Update(Pods, update, statusOnly: false, options, default)).Outcome);
        Assert.Equal(ObjectOutcome.Configured, (await silo.Pipeline.Update(Pods, update, statusOnly: false, options, default)).Outcome);
        Assert.Equal(ErrorReason.Conflict, (await silo.Pipeline.Update(Pods, update, statusOnly: false, RequestOptions.Default, default)).Error!.Reason);

        var delete = new DeleteOptions(RequestId: "delete");
        Assert.Equal(ObjectOutcome.Deleted, (await silo.Pipeline.Delete(web.Key, Pods, delete, default)).Outcome);
        Assert.Equal(ObjectOutcome.Deleted, (await silo.Pipeline.Delete(web.Key, Pods, delete, default)).Outcome);
        Assert.Equal(ErrorReason.NotFound, (await silo.Pipeline.Delete(web.Key, Pods, new DeleteOptions(), default)).Error!.Reason);
    }

    [Fact]
    public async Task A_written_status_does_not_decide_whether_a_pod_is_bound()
    {
        using var silo = await Samples.Silo();
        var key = (await silo.Create(Samples.Pod("web"))).Object!.Key;
        await silo.Bind(key, "host-1");
        var status = silo.Cache.Find(key)!.Copy<Pod>();
        status.Status = new PodStatus { Phase = "Running" };
        await silo.Pipeline.Update(Pods, status, statusOnly: true, RequestOptions.Default, default);
        Assert.Equal("host-1", Orchestrator.Silo.Workloads.WorkloadState.Of(silo.Cache.Find(key)!).Host);
        Assert.Equal(ObjectOutcome.Terminating, (await silo.Pipeline.Delete(key, Pods, new DeleteOptions(), default)).Outcome);
    }

    [Fact]
    public async Task An_object_that_is_too_large_is_refused_whichever_way_it_comes()
    {
        using var silo = await Samples.Silo();
        var large = Samples.Pod("web");
        ((Pod)large.Message).Metadata.Annotations["note"] = new string('x', 300_000);
        Assert.Equal(ErrorReason.RequestEntityTooLarge, (await silo.Create(large)).Error!.Reason);
        await silo.Create(Samples.Pod("web"));
        Assert.Equal(ErrorReason.RequestEntityTooLarge, (await silo.Apply(large)).Error!.Reason);
    }

    [Fact]
    public async Task Applying_a_manifest_without_finalizers_keeps_those_that_are_there()
    {
        using var silo = await Samples.Silo();
        var held = Samples.Pod("web");
        ((Pod)held.Message).Metadata.Finalizers.Add("example.com/wait");
        await silo.Create(held);
        Assert.Equal(ObjectOutcome.Configured, (await silo.Apply(Samples.Pod("web"))).Outcome);
        Assert.Equal(["example.com/wait"], silo.Cache.Find(new ObjectKey(Pods.Resource, "default", "web"))!.Metadata.Finalizers);
    }

    [Fact]
    public async Task A_machine_has_a_type_or_a_size_of_its_own_and_never_both()
    {
        using var silo = await Samples.Silo();
        await silo.Create(Samples.Read("{apiVersion: virt.orchestrator.dev/v1, kind: MachineType, metadata: {name: big}, spec: {cpus: 3, memory: 1Gi}}"));
        var machine = Samples.Read("{apiVersion: virt.orchestrator.dev/v1, kind: VirtualMachine, metadata: {name: vm}, spec: {image: \"web:1\", machineTypeName: big}}");
        var spec = (await silo.Apply(machine)).Object!.As<VirtualMachine>().Spec;
        Assert.Equal((false, "", "paravirtual"), (spec.HasCpus, spec.Memory, spec.RuntimeClassName));
        Assert.Equal(ObjectOutcome.Unchanged, (await silo.Apply(machine)).Outcome);
        var plain = Samples.Read("{apiVersion: virt.orchestrator.dev/v1, kind: VirtualMachine, metadata: {name: plain}, spec: {image: \"web:1\"}}");
        var created = await silo.Apply(plain);
        Assert.Equal((1, "128Mi"), (created.Object!.As<VirtualMachine>().Spec.Cpus, created.Object!.As<VirtualMachine>().Spec.Memory));
        Assert.Equal(ObjectOutcome.Unchanged, (await silo.Apply(plain)).Outcome);
        var twice = Samples.Read("{apiVersion: virt.orchestrator.dev/v1, kind: VirtualMachine, metadata: {name: v2}, spec: {machineTypeName: big, cpus: 2, memory: 2Gi}}");
        var errors = (await silo.Create(twice)).Error!.Fields;
        Assert.Equal(["spec.cpus", "spec.image", "spec.memory"], errors.Select(field => field.Path).Order());
        Assert.Equal(2, errors.Count(error => error.Message.Contains("spec.machineTypeName", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_machines_disks_may_grow_and_never_shrink()
    {
        using var silo = await Samples.Silo();
        Assert.Equal(ObjectOutcome.Created, (await Sized("1Gi", null)).Outcome);
        Assert.Equal(ObjectOutcome.Configured, (await Sized("1536Mi", "2Gi")).Outcome);
        Assert.Equal(ObjectOutcome.Configured, (await Sized("2G", "2Gi")).Outcome);
        var errors = (await Sized("1Gi", "1Gi")).Error!.Fields;
        Assert.Equal(["spec.disks[0].size", "spec.rootDisk.size"], errors.Select(error => error.Path).Order());
        Assert.All(errors, error => Assert.Contains("can't shrink", error.Message));

        Task<ObjectResult> Sized(string data, string? root) => silo.Apply(Samples.Read(
            "{apiVersion: virt.orchestrator.dev/v1, kind: VirtualMachine, metadata: {name: vm}, spec: {image: \"web:1\", disks: [{name: data, size: "
            + $"{data}}}]{(root is null ? "" : $", rootDisk: {{size: {root}}}")}}}}}"));
    }

    [Fact]
    public async Task What_cloud_init_finds_may_change_but_not_whether_it_finds_anything()
    {
        using var silo = await Samples.Silo();
        const string Vm = "apiVersion: virt.orchestrator.dev/v1, kind: VirtualMachine, metadata: {name: vm}";
        Assert.Equal(ObjectOutcome.Created, (await silo.Apply(Samples.Read($"{{{Vm}, spec: {{image: \"web:1\", cloudInit: {{userData: one}}}}}}"))).Outcome);
        Assert.Equal(ObjectOutcome.Configured, (await silo.Apply(Samples.Read($"{{{Vm}, spec: {{image: \"web:1\", cloudInit: {{userData: two}}}}}}"))).Outcome);
        var without = Vm.Replace("name: vm", "name: without", StringComparison.Ordinal);
        Assert.Equal(ObjectOutcome.Created, (await silo.Apply(Samples.Read($"{{{without}, spec: {{image: \"web:1\"}}}}"))).Outcome);
        Assert.Equal("spec", Assert.Single((await silo.Apply(Samples.Read($"{{{without}, spec: {{image: \"web:1\", cloudInit: {{}}}}}}"))).Error!.Fields).Path);
        var large = Samples.Read($"{{{Vm}, spec: {{image: \"web:1\", cloudInit: {{userData: {new string('x', 65_537)}}}}}}}");
        Assert.Equal("spec.cloudInit.userData", Assert.Single((await silo.Apply(large)).Error!.Fields).Path);
    }
}
