using System.Text;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.AppsV1;
using Orchestrator.Objects.BatchV1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Tables;

namespace Orchestrator.Silo.Tests.Objects;

/// <summary>What is special about single kinds: their defaults, what they refuse, how they look as rows.</summary>
public sealed class KindTests : IAsyncLifetime
{
    private const string Template = "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: \"web:1\"}]}}";
    private const string JobTemplate = "template: {spec: {restartPolicy: Never, containers: [{name: main, image: web}]}}";

    private SiloParts _silo = null!;

    public async ValueTask InitializeAsync() => _silo = await Samples.Silo();

    public ValueTask DisposeAsync()
    {
        _silo.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("v1", "ConfigMap", "data: {a: x, b: y}, binaryData: {c: eA==}", "it 3 0s")]
    [InlineData("v1", "Secret", "stringData: {a: x}, data: {b: eQ==}", "it Opaque 2 0s")]
    [InlineData("v1", "Service", "spec: {ports: [{port: 80}], selector: {app: web}}", "it ClusterIP 10.96.1.1 <none> 80/TCP 0s app=web")]
    [InlineData("v1", "Endpoints", "subsets: [{addresses: [{ip: 10.0.0.1}, {ip: 10.0.0.2}], ports: [{port: 80}]}]", "it 10.0.0.1:80,10.0.0.2:80 0s")]
    [InlineData("v1", "ServiceAccount", "automountServiceAccountToken: false", "it 0 0s")]
    [InlineData("v1", "ResourceQuota", "spec: {hard: {pods: 3}}", "it 0s  ")]
    [InlineData("v1", "LimitRange", "spec: {limits: [{type: Container, max: {cpu: 1}}]}", "it 2026-01-02T03:04:05Z")]
    [InlineData("v1", "PersistentVolume", "spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /data}}", "it 1Gi RWO Retain Pending    0s Filesystem")]
    [InlineData("v1", "PersistentVolumeClaim", "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}", "it Pending     0s Filesystem")]
    [InlineData("storage.k8s.io/v1", "StorageClass", "provisioner: example.com/disk", "it example.com/disk Delete Immediate false 0s")]
    [InlineData("apps/v1", "Deployment", $"spec: {{selector: {{matchLabels: {{app: web}}}}, {Template}}}", "it 0/1 0 0 0s main web:1 app=web")]
    [InlineData("apps/v1", "ReplicaSet", $"spec: {{selector: {{matchLabels: {{app: web}}}}, {Template}}}", "it 1 0 0 0s main web:1 app=web")]
    [InlineData("apps/v1", "StatefulSet", $"spec: {{serviceName: web, selector: {{matchLabels: {{app: web}}}}, {Template}}}", "it 0/1 0s main web:1")]
    [InlineData("apps/v1", "DaemonSet", $"spec: {{selector: {{matchLabels: {{app: web}}}}, {Template}}}", "it 0 0 0 0 0 0s main web:1")]
    [InlineData("batch/v1", "Job", $"spec: {{{JobTemplate}}}", "it Running 0/1  0s main web")]
    [InlineData("batch/v1", "CronJob", $"spec: {{schedule: \"*/5 1-3 * jan mon\", jobTemplate: {{spec: {{{JobTemplate}}}}}}}", "it */5 1-3 * jan mon <none> False 0 <none> 0s main web")]
    [InlineData("discovery.k8s.io/v1", "EndpointSlice", "addressType: IPv4, endpoints: [{addresses: [10.0.0.1]}], ports: [{port: 80}]", "it IPv4 80 10.0.0.1 0s")]
    [InlineData("autoscaling/v2", "HorizontalPodAutoscaler", "spec: {scaleTargetRef: {kind: Deployment, name: web}, maxReplicas: 5}", "it Deployment/web 1 5 0 0s")]
    [InlineData("rbac.authorization.k8s.io/v1", "Role", "rules: [{verbs: [get], apiGroups: [\"\"], resources: [pods]}]", "it 0s")]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRole", "rules: [{verbs: [get], nonResourceURLs: [/metrics]}]", "it 0s")]
    [InlineData("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}, subjects: [{kind: User, name: u}]", "it Role/r 0s")]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}", "it ClusterRole/r 0s")]
    [InlineData("coordination.k8s.io/v1", "Lease", "spec: {holderIdentity: me, leaseDurationSeconds: 15}", "it me 0s")]
    public async Task A_kind_is_created_shown_and_applied_without_a_change(string apiVersion, string kind, string body, string row)
    {
        var written = Samples.Read($"{{apiVersion: {apiVersion}, kind: {kind}, metadata: {{name: it}}, {body}}}");
        var created = await _silo.Apply(written);
        Assert.True(created.Succeeded, created.Error?.Message);
        Assert.Equal(row, string.Join(' ', TableLayouts.For(created.Object.Kind).Row(created.Object, _silo.Time.GetUtcNow())));
        var json = created.Object.Json;
        var read = ObjectBody.Decode(json, yaml: false, created.Object.Kind, FieldValidation.Strict);
        Assert.Empty(read.Errors);
        var again = await _silo.Pipeline.Update(created.Object.Kind, read.Message!, statusOnly: false, RequestOptions.Default, default);
        Assert.Equal((ObjectOutcome.Unchanged, null), (again.Outcome, again.Error?.Message));
    }

    [Theory]
    [InlineData("apps/v1", "Deployment", $"spec: {{selector: {{matchLabels: {{app: other}}}}, {Template}}}", "spec.template.metadata.labels")]
    [InlineData("apps/v1", "ReplicaSet", $"spec: {{selector: {{}}, {Template}}}", "spec.selector")]
    [InlineData("apps/v1", "DaemonSet", "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}", "spec.template.spec.restartPolicy")]
    [InlineData("batch/v1", "Job", $"spec: {{{Template}}}", "spec.template.spec.restartPolicy")]
    [InlineData("batch/v1", "Job", $"spec: {{completionMode: Indexed, parallelism: 2, {JobTemplate}}}", "spec.completions")]
    [InlineData("batch/v1", "CronJob", $"spec: {{schedule: \"60 * * * *\", jobTemplate: {{spec: {{{JobTemplate}}}}}}}", "spec.schedule")]
    [InlineData("batch/v1", "CronJob", $"spec: {{schedule: \"@often\", jobTemplate: {{spec: {{{JobTemplate}}}}}}}", "spec.schedule")]
    [InlineData("batch/v1", "CronJob", $"spec: {{schedule: \"@daily\", timeZone: Moon/Base, jobTemplate: {{spec: {{{JobTemplate}}}}}}}", "spec.timeZone")]
    [InlineData("v1", "Service", "spec: {type: ExternalName}", "spec.externalName")]
    [InlineData("v1", "Service", "spec: {clusterIP: x, ports: [{port: 80}]}", "spec.clusterIP")]
    [InlineData("v1", "Service", "spec: {ports: [{port: 80, name: a}, {port: 81}]}", "spec.ports[1].name")]
    [InlineData("v1", "Service", "spec: {clusterIP: 10.96.5, ports: [{port: 80}]}", "spec.clusterIP")]
    [InlineData("discovery.k8s.io/v1", "EndpointSlice", "addressType: IPv4, endpoints: [{addresses: [\"10.0.0.1; flush ruleset\"]}]", "endpoints[0].addresses[0]")]
    [InlineData("discovery.k8s.io/v1", "EndpointSlice", "addressType: IPv4, endpoints: [{addresses: [127.0.0.1]}]", "endpoints[0].addresses[0]")]
    [InlineData("discovery.k8s.io/v1", "EndpointSlice", "addressType: IPv4, endpoints: [{addresses: [10.0.0.1]}, {addresses: [\"fd00::1\"]}]", "endpoints[1].addresses[0]")]
    [InlineData("v1", "ConfigMap", "data: {a: x}, binaryData: {a: eA==}", "data[a]")]
    [InlineData("v1", "PersistentVolume", "spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce]}", "spec")]
    [InlineData("v1", "PersistentVolumeClaim", "spec: {accessModes: [ReadWriteOnce], resources: {requests: {cpu: 1}}}", "spec.resources.requests.storage")]
    public async Task What_can_not_work_is_refused_with_its_field(string apiVersion, string kind, string body, string field)
    {
        var refused = await _silo.Create(Samples.Read($"{{apiVersion: {apiVersion}, kind: {kind}, metadata: {{name: it}}, {body}}}"));
        Assert.Equal((ErrorReason.Invalid, field), (refused.Error!.Reason, Assert.Single(refused.Error.Fields).Path));
    }

    [Fact]
    public async Task A_secrets_text_becomes_data_and_what_is_immutable_stays()
    {
        var secret = (await _silo.Apply(Samples.Read("{apiVersion: v1, kind: Secret, metadata: {name: s}, immutable: true, stringData: {a: x}}"))).Object!.Copy<Secret>();
        Assert.Equal(("x", 0), (secret.Data["a"].ToStringUtf8(), secret.StringData.Count));
        secret.Data["a"] = Google.Protobuf.ByteString.CopyFromUtf8("y");
        secret.Immutable = false;
        var refused = await _silo.Pipeline.Update(KindCatalog.Of<Secret>(), secret, statusOnly: false, RequestOptions.Default, default);
        Assert.Equal(["immutable", "data"], refused.Error!.Fields.Select(one => one.Path));
    }

    [Fact]
    public async Task Defaults_depend_on_what_is_said()
    {
        var deployment = (await _silo.Apply(Samples.Read($"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: d}}, spec: {{selector: {{matchLabels: {{app: web}}}}, strategy: {{type: Recreate}}, {Template}}}}}"))).Object!.As<Deployment>();
        Assert.Null(deployment.Spec.Strategy.RollingUpdate);
        Assert.Equal((1, 600, "IfNotPresent"), (deployment.Spec.Replicas, deployment.Spec.ProgressDeadlineSeconds, deployment.Spec.Template.Spec.Containers[0].ImagePullPolicy));
        var job = (await _silo.Apply(Samples.Read($"{{apiVersion: batch/v1, kind: Job, metadata: {{name: j}}, spec: {{parallelism: 3, {JobTemplate}}}}}"))).Object!.As<Job>();
        Assert.Equal((3, false, job.Metadata.Uid), (job.Spec.Parallelism, job.Spec.HasCompletions, job.Spec.Selector.MatchLabels["batch.kubernetes.io/controller-uid"]));
        var service = (await _silo.Apply(Samples.Read("{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {type: LoadBalancer, ports: [{port: 80}]}}"))).Object!.As<Service>();
        Assert.Equal((80, "Cluster", true), (service.Spec.Ports[0].TargetPort.IntValue, service.Spec.ExternalTrafficPolicy, service.Spec.AllocateLoadBalancerNodePorts));
    }

    [Fact]
    public async Task Generations_count_changes_of_the_spec_only_and_a_map_has_none()
    {
        var map = (await _silo.Apply(Samples.Read("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: x}}"))).Object!;
        Assert.Equal(0, map.Metadata.Generation);
        Assert.DoesNotContain("generation", Encoding.UTF8.GetString(map.Json.Span));
    }
}
