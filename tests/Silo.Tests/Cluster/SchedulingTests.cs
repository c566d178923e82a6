using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.Api.V1;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Silo.Tests.Cluster;

/// <summary>The scheduler in the real silo, with agents that the test plays: a host of 2 CPUs and 4 GiB.</summary>
public sealed class SchedulingTests : IAsyncLifetime
{
    private static readonly ResourceName Pods = new() { Resource = "pods" };
    private readonly TemporaryFolder _folder = new();
    private SiloProcess _silo = null!;

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        try
        {
            _silo = await SiloProcess.Start(_folder.Path);
        }
        catch
        {
            _folder.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        _folder.Dispose();
    }

    [Fact(Timeout = 120_000)]
    public async Task A_more_important_pod_gets_the_room_of_a_less_important_one()
    {
        using var agent = await TestAgent.Connect(_silo, "host-1");
        await Apply(PodYaml("modest", "3Gi"));
        await agent.Report(await agent.NextPod(), "Running");
        using var important = Watch("important");
        await Apply(PodYaml("important", "3Gi", spec: "priorityClassName: system-cluster-critical"));

        var ending = await agent.NextPod();
        Assert.Equal("modest", ending.Metadata.Name);
        Assert.NotNull(ending.Metadata.DeletionTimestamp);
        var nominated = await Until(important, pod => pod.Status.NominatedNodeName.Length > 0);
        Assert.Equal(("host-1", 2_000_000_000), (nominated.Status.NominatedNodeName, nominated.Spec.Priority));

        await agent.Gone(ending);
        // The host is also told that nothing of the other one shall remain; which comes first does not matter.
        WorkloadChange change;
        do change = (await agent.Next(SiloMessage.MessageOneofCase.Change)).Change;
        while (change.Assignment is null);
        var assigned = change.Assignment.Pod;
        Assert.Equal(("important", ""), (assigned.Metadata.Name, assigned.Status.NominatedNodeName));
        var events = await _silo.Objects.ListAsync(
            new ListRequest { Resource = new ResourceName { Resource = "events" }, FieldSelector = "reason=Preempted" }, cancellationToken: Limit);
        Assert.Single(events.Items);
    }

    [Fact(Timeout = 120_000)]
    public async Task The_members_of_a_group_go_together()
    {
        using var agent = await TestAgent.Connect(_silo, "host-1");
        const string Member = "scheduling.x-k8s.io/pod-group: training";
        using var first = Watch("first");
        await Apply(PodYaml("first", "1Gi", labels: Member));
        await Until(first, pod => Waits(pod, "does not exist"));
        await Apply("""
            apiVersion: scheduling.x-k8s.io/v1alpha1
            kind: PodGroup
            metadata: {name: training}
            spec: {minMember: 2, scheduleTimeoutSeconds: 10}
            """);
        await Until(first, pod => Waits(pod, "needs 2 members, there are 1"));
        await Apply(PodYaml("second", "1Gi", labels: Member));
        var assigned = new[] { (await agent.NextPod()).Metadata.Name, (await agent.NextPod()).Metadata.Name };
        Assert.Equal(["first", "second"], assigned.Order());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_gate_holds_a_pod_back_until_it_is_removed()
    {
        using var agent = await TestAgent.Connect(_silo, "host-1");
        using var watch = Watch("held");
        await Apply(PodYaml("held", "64Mi", spec: "schedulingGates: [{name: example.com/quota}]"));
        await Until(watch, pod => pod.Status.Conditions.Any(condition => condition.Reason == "SchedulingGated"));
        await _silo.Objects.PatchAsync(new PatchRequest
        {
            Resource = Pods,
            Namespace = "default",
            Name = "held",
            Patch = ByteString.CopyFromUtf8("{\"spec\": {\"schedulingGates\": null}}"),
        }, cancellationToken: Limit);
        Assert.Equal("held", (await agent.NextPod()).Metadata.Name);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_pod_goes_where_its_friend_is_and_waits_for_one_that_comes_later()
    {
        using var one = await TestAgent.Connect(_silo, "host-1", Zoned("a"));
        using var two = await TestAgent.Connect(_silo, "host-2", Zoned("b"));
        using var watch = Watch("web");
        await Apply(PodYaml("web", "64Mi", spec: """
            affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: zone, labelSelector: {matchLabels: {app: db}}}]}}
            """));
        await Until(watch, pod => Waits(pod, "not near what pod affinity asks for"));
        await Apply(PodYaml("db", "64Mi", labels: "app: db", spec: "nodeSelector: {zone: b}"));
        Assert.Equal(["db", "web"], [(await two.NextPod()).Metadata.Name, (await two.NextPod()).Metadata.Name]);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_taint_that_drives_pods_away_leaves_those_that_tolerate_it()
    {
        using var agent = await TestAgent.Connect(_silo, "host-1");
        await Apply(PodYaml("staying", "64Mi", spec: "tolerations: [{key: broken, operator: Exists}]"));
        await agent.Report(await agent.NextPod(), "Running");
        using var going = Watch("going");
        await Apply(PodYaml("going", "64Mi"));
        await agent.Report(await agent.NextPod(), "Running");

        await _silo.Objects.PatchAsync(new PatchRequest
        {
            Resource = new ResourceName { Resource = "nodes" },
            Name = "host-1",
            Patch = ByteString.CopyFromUtf8("{\"spec\": {\"taints\": [{\"key\": \"broken\", \"effect\": \"NoExecute\"}]}}"),
        }, cancellationToken: Limit);
        Assert.Equal("going", (await agent.NextPod()).Metadata.Name);
        var ending = await Until(going, pod => pod.Metadata.DeletionTimestamp is not null);
        Assert.Contains(ending.Status.Conditions, condition => condition is { Type: "DisruptionTarget", Status: "True", Reason: "DeletionByTaintManager" });
        var staying = await _silo.Objects.GetAsync(new GetRequest { Resource = Pods, Namespace = "default", Name = "staying" }, cancellationToken: Limit);
        Assert.Null(staying.Proto.Unpack<Pod>().Metadata.DeletionTimestamp);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_plan_says_where_things_would_go_and_stores_nothing()
    {
        using var agent = await TestAgent.Connect(_silo, "host-1");
        await Apply(PodYaml("there", "1Gi"));
        await agent.NextPod();
        var plan = await Plan($$$"""
            {{{PodYaml("there", "1Gi")}}}
            ---
            {{{PodYaml("larger", "8Gi")}}}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 4
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers:
                  - {name: main, image: 'web:1', resources: {requests: {memory: 1Gi} } }
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}
            """);
        Assert.Equal(
            ["there Stays host-1", "larger Unplaced ", "web-0 Placed host-1", "web-1 Placed host-1", "web-2 Placed host-1", "web-3 Unplaced "],
            plan.Workloads.Select(one => $"{one.Name} {one.Outcome} {one.NodeName}"));
        // On the host as the whole batch leaves it.
        Assert.Equal(["nothing helps: the host has 4Gi of memory in all"], plan.Workloads[1].Nearest.Single().Remedies);
        Assert.Equal((1, 1), (plan.Hosts, plan.Others["ConfigMap"]));
        var stored = await _silo.Objects.ListAsync(new ListRequest { Resource = Pods, Namespace = "default" }, cancellationToken: Limit);
        Assert.Equal(["there"], stored.Items.Select(item => item.Proto.Unpack<Pod>().Metadata.Name));

        var twice = await Assert.ThrowsAsync<RpcException>(() => Plan($"{PodYaml("a", "1Gi")}\n---\n{PodYaml("a", "1Gi")}"));
        Assert.Contains("\"a\" comes of them twice", twice.Status.Detail, StringComparison.Ordinal);
        var invalid = await Assert.ThrowsAsync<RpcException>(() => Plan(PodYaml("b", "1Gi", spec: "runtimeClassName: nowhere")));
        Assert.Contains("plan.yaml:1", invalid.Status.Detail, StringComparison.Ordinal);
    }

    private async Task<PlanResponse> Plan(string yaml) => await _silo.Workloads.PlanAsync(
        new PlanRequest { Manifests = { new Manifest { Text = ByteString.CopyFrom(yaml, Encoding.UTF8), Source = "plan.yaml" } }, DefaultNamespace = "default" },
        cancellationToken: Limit);

    private static bool Waits(Pod pod, string reason) =>
        pod.Status.Conditions.Any(condition => condition.Reason == "Unschedulable" && condition.Message.Contains(reason, StringComparison.Ordinal));

    private static HostFacts Zoned(string zone)
    {
        var facts = TestAgent.Facts();
        facts.Labels.Add("zone", zone);
        return facts;
    }

    private static string PodYaml(string name, string memory, string labels = "", string spec = "hostNetwork: false") => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
          labels: {{{labels}}}
        spec:
          {{spec}}
          containers:
          - name: main
            image: web:1
            resources:
              requests: {memory: "{{memory}}"}
        """;

    private async Task Apply(string yaml) => await _silo.Objects.ApplyAsync(
        new ApplyRequest { Manifest = new Manifest { Text = ByteString.CopyFrom(yaml, Encoding.UTF8), Source = "test.yaml" }, DefaultNamespace = "default" }, cancellationToken: Limit);

    private AsyncServerStreamingCall<WatchEvent> Watch(string pod) =>
        _silo.Objects.Watch(new WatchRequest { Resource = Pods, Namespace = "default", Name = pod }, cancellationToken: Limit);

    private static async Task<Pod> Until(AsyncServerStreamingCall<WatchEvent> watch, Func<Pod, bool> holds)
    {
        while (await watch.ResponseStream.MoveNext(Limit))
        {
            if (watch.ResponseStream.Current.Object?.Proto.Unpack<Pod>() is { Status: not null } pod && holds(pod)) return pod;
        }

        throw new InvalidOperationException("The watch ended.");
    }
}
