using System.Text;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.Api.V1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Silo.Tests.Cluster;

/// <summary>The real silo process with agents that the test plays: what passes its doors, and what survives its death.</summary>
public sealed class SiloTests : IAsyncLifetime
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
    public async Task A_pod_goes_to_the_host_its_status_comes_back_and_it_leaves_when_the_host_says_so()
    {
        using var agent = await TestAgent.Connect(_silo, "host-1");
        Assert.Empty((await agent.Next(SiloMessage.MessageOneofCase.Desired)).Desired.Assignments);
        await Apply(PodYaml("web"));
        var assigned = await agent.NextPod();
        Assert.Equal(("web", "host-1"), (assigned.Metadata.Name, assigned.Spec.NodeName));

        using var watch = Watch("web");
        await agent.Report(assigned, "Running");
        var running = await Until(watch, pod => pod.Status.Phase == "Running");
        Assert.Contains(running.Status.Conditions, condition => condition is { Type: "PodScheduled", Status: "True" });

        await _silo.Objects.DeleteAsync(new DeleteRequest { Resource = Pods, Namespace = "default", Name = "web" }, cancellationToken: Limit);
        var going = await agent.NextPod();
        Assert.NotNull(going.Metadata.DeletionTimestamp);
        await agent.Gone(going);
        await Until(watch, deleted: true);
    }

    [Fact(Timeout = 120_000)]
    public async Task What_a_pod_names_goes_to_its_host_with_it_and_again_when_it_changes_and_nothing_else_does()
    {
        using var agent = await TestAgent.Connect(_silo, "host-1");
        await Apply("apiVersion: v1\nkind: Secret\nmetadata: {name: other}\nstringData: {key: hidden}\n");
        await Apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: named}\ndata: {key: one}\n");
        await Apply(PodYaml("reads").Replace(
            "image: web:1", "image: web:1\n    envFrom: [{configMapRef: {name: named}}, {secretRef: {name: late, optional: true}}]", StringComparison.Ordinal));
        Assert.Equal("named:one", await Sources());
        await Apply("apiVersion: v1\nkind: Secret\nmetadata: {name: late}\nstringData: {key: two}\n");
        Assert.Equal("named:one late:two", await Sources());
        await Apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: named}\ndata: {key: three}\n");
        Assert.Equal("named:three late:two", await Sources());
        await _silo.Objects.DeleteAsync(
            new DeleteRequest { Resource = new ResourceName { Resource = "secrets" }, Namespace = "default", Name = "late" }, cancellationToken: Limit);
        Assert.Equal("named:three", await Sources());

        async Task<string> Sources() => string.Join(' ', (await agent.Next(SiloMessage.MessageOneofCase.Change)).Change.Assignment.Sources
            .Select(source => $"{source.Name}:{source.Data["key"].ToStringUtf8()}"));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_machine_waits_for_its_type_and_goes_to_a_host_with_what_it_names_and_again_when_that_changes()
    {
        using var agent = await TestAgent.Connect(_silo, "host-1", TestAgent.Facts(runtimeClass: "paravirtual"));
        await Apply("{apiVersion: virt.orchestrator.dev/v1, kind: VirtualMachine, metadata: {name: vm}, spec: {image: \"web:1\", machineTypeName: late, cloudInit: {secretName: init}}}");
        using var watch = _silo.Objects.Watch(
            new WatchRequest { Resource = new ResourceName { Group = "virt.orchestrator.dev", Resource = "virtualmachines" }, Namespace = "default", Name = "vm" }, cancellationToken: Limit);
        VirtualMachine waiting;
        do Assert.True(await watch.ResponseStream.MoveNext(Limit));
        while ((waiting = watch.ResponseStream.Current.Object.Proto.Unpack<VirtualMachine>()).Status.Reason != "MachineTypeNotFound");
        Assert.Contains("\"late\"", Assert.Single(waiting.Status.Conditions).Message);

        await Apply("{apiVersion: virt.orchestrator.dev/v1, kind: MachineType, metadata: {name: late}, spec: {cpus: 1, memory: 96Mi}}");
        Assert.Equal((1, "96Mi"), await Size());
        await Apply("{apiVersion: virt.orchestrator.dev/v1, kind: MachineType, metadata: {name: late}, spec: {cpus: 2, memory: 112Mi}}");
        Assert.Equal((2, "112Mi"), await Size());
        await Apply("{apiVersion: v1, kind: Secret, metadata: {name: other}, stringData: {userdata: hidden}}");
        await Apply("{apiVersion: v1, kind: Secret, metadata: {name: init}, stringData: {userdata: secret}}");
        var source = Assert.Single((await agent.Next(SiloMessage.MessageOneofCase.Change)).Change.Assignment.Sources);
        Assert.Equal(("init", "secret"), (source.Name, source.Data["userdata"].ToStringUtf8()));

        async Task<(int, string)> Size()
        {
            var spec = (await agent.Next(SiloMessage.MessageOneofCase.Change)).Change.Assignment.VirtualMachine.Spec;
            return (spec.Cpus, spec.Memory);
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task An_agent_speaks_for_its_own_host_only()
    {
        using var owner = await TestAgent.Connect(_silo, "host-1");
        await Apply(PodYaml("web"));
        var assigned = await owner.NextPod();
        using var other = await TestAgent.Connect(_silo, "host-2");
        using var watch = Watch("web");
        await other.Report(assigned, "Failed");
        await other.Gone(assigned);
        await other.Say(new AgentMessage { Heartbeat = new Heartbeat { Sequence = 1 } });
        await other.Next(SiloMessage.MessageOneofCase.Heartbeat);
        await owner.Report(assigned, "Running");
        var pod = await Until(watch, pod => pod.Status.Phase is "Failed" or "Running");
        Assert.Equal("Running", pod.Status.Phase);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_newer_session_takes_the_place_of_the_older_and_gets_the_whole_desired_state()
    {
        using var first = await TestAgent.Connect(_silo, "host-1");
        await Apply(PodYaml("web"));
        await first.NextPod();
        using var second = await TestAgent.Connect(_silo, "host-1");
        Assert.True(second.Epoch > first.Epoch);
        Assert.Equal("web", Assert.Single((await second.Next(SiloMessage.MessageOneofCase.Desired)).Desired.Assignments).Pod.Metadata.Name);
        var ended = await Assert.ThrowsAsync<RpcException>(() => first.Next(SiloMessage.MessageOneofCase.OpenStream));
        Assert.Equal(StatusCode.Aborted, ended.StatusCode);
    }

    [Fact(Timeout = 120_000)]
    public async Task Agents_have_no_way_in_through_the_clients_door_and_none_with_nonsense()
    {
        var call = new AgentSession.AgentSessionClient(_silo.Channel).Connect(cancellationToken: Limit);
        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Limit));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);

        var nonsense = await Assert.ThrowsAsync<RpcException>(() => TestAgent.Connect(_silo, "host-1", TestAgent.Facts(memory: "lots")));
        Assert.Equal(StatusCode.InvalidArgument, nonsense.StatusCode);
        Assert.Contains("status.allocatable", nonsense.Status.Detail);
        await Assert.ThrowsAsync<RpcException>(() => TestAgent.Connect(_silo, "../host"));
    }

    [Fact(Timeout = 120_000)]
    public async Task What_fits_nowhere_waits_with_one_reason_and_goes_when_there_is_room()
    {
        using var agent = await TestAgent.Connect(_silo, "host-1");
        await Apply(PodYaml("large", "8Gi"));
        using var watch = Watch("large");
        var waiting = await Until(watch, pod => pod.Status.Conditions.Any(condition => condition.Reason == "Unschedulable"));
        Assert.Contains("insufficient memory", waiting.Status.Conditions[0].Message);
        var explained = await _silo.Workloads.ExplainAsync(new ExplainRequest { Resource = Pods, Namespace = "default", Name = "large" }, cancellationToken: Limit);
        Assert.Equal((1, 0, "host-1"), (explained.Hosts, explained.FeasibleHosts, Assert.Single(explained.Nearest).Host));

        await agent.Say(new AgentMessage { Facts = TestAgent.Facts(memory: "16Gi") });
        Assert.Equal("large", (await agent.NextPod()).Metadata.Name);
        var events = await _silo.Objects.ListAsync(
            new ListRequest { Resource = new ResourceName { Resource = "events" }, FieldSelector = "reason=FailedScheduling" }, cancellationToken: Limit);
        Assert.Single(events.Items);
    }

    [Fact(Timeout = 120_000)]
    public async Task Every_acknowledged_create_survives_a_kill_and_none_is_there_twice()
    {
        const int Writers = 64;
        const int Creates = 500;
        using var agent = await TestAgent.Connect(_silo, "host-1");
        await Apply(PodYaml("running"));
        var running = await agent.NextPod();
        await agent.Report(running, "Running");

        var acknowledged = new System.Collections.Concurrent.ConcurrentDictionary<string, string>();
        var next = 0;
        var victim = _silo;
        var writers = Enumerable.Range(0, Writers).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i <= Creates; i = Interlocked.Increment(ref next))
            {
                try
                {
                    var name = $"burst-{i}";
                    var created = await victim.Objects.CreateAsync(
                        new CreateRequest { Manifest = Text(PodYaml(name, nodeName: "nowhere")), RequestId = name }, cancellationToken: Limit);
                    acknowledged[name] = created.Uid;
                    if (acknowledged.Count == Creates / 2) await victim.Kill();
                }
                catch (RpcException lost) when (lost.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled)
                {
                    return;
                }
            }
        }).ToArray();
        await Task.WhenAll(writers);
        await _silo.DisposeAsync();
        _silo = await SiloProcess.Start(_folder.Path);

        Assert.True(acknowledged.Count >= Creates / 2);
        var found = (await _silo.Objects.ListAsync(new ListRequest { Resource = Pods }, cancellationToken: Limit)).Items.ToDictionary(pod => pod.Name, pod => pod.Uid);
        Assert.All(acknowledged, pod => Assert.Equal(pod.Value, found[pod.Key]));
        Assert.Equal(running.Metadata.Uid, found["running"]);

        // Whoever got no answer repeats his request: done once, whatever became of the first.
        for (var i = 1; i <= Creates; i++)
        {
            var name = $"burst-{i}";
            var again = await _silo.Objects.CreateAsync(
                new CreateRequest { Manifest = Text(PodYaml(name, nodeName: "nowhere")), RequestId = name }, cancellationToken: Limit);
            if (found.TryGetValue(name, out var uid)) Assert.Equal(uid, again.Uid);
        }

        Assert.Equal(Creates + 1, (await _silo.Objects.ListAsync(new ListRequest { Resource = Pods }, cancellationToken: Limit)).Items.Count);
        using var successor = await TestAgent.Connect(_silo, "host-1");
        var desired = await successor.Next(SiloMessage.MessageOneofCase.Desired);
        Assert.Equal(running.Metadata.Uid, Assert.Single(desired.Desired.Assignments).Pod.Metadata.Uid);
    }

    [Fact(Timeout = 120_000)]
    public async Task Bad_input_names_what_is_wrong_and_stores_nothing()
    {
        var several = await Refused("kind: Pod\napiVersion: v1\nmetadata: {name: ../up}\nspec: {containers: [{name: c, imag: x}]}");
        var fields = several.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations.Select(violation => violation.Field).ToArray();
        Assert.Equal(["metadata.name", "spec.containers[0].imag"], fields.Order(StringComparer.Ordinal));
        Assert.Equal(StatusCode.ResourceExhausted, (await Refused(new string('#', 10_000_000))).StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, (await Refused("a: [")).StatusCode);
        var gone = _silo.Objects.Watch(new WatchRequest { Resource = Pods, ResourceVersion = "999999" }, cancellationToken: Limit);
        Assert.Equal(StatusCode.OutOfRange, (await Assert.ThrowsAsync<RpcException>(() => gone.ResponseStream.MoveNext(Limit))).StatusCode);
        Assert.Empty((await _silo.Objects.ListAsync(new ListRequest { Resource = Pods }, cancellationToken: Limit)).Items);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_finalizer_holds_a_pod_that_its_host_has_let_go_and_no_longer()
    {
        using var agent = await TestAgent.Connect(_silo, "host-1");
        await Apply(PodYaml("held").Replace("{name: held}", "{name: held, finalizers: [example.com/wait]}", StringComparison.Ordinal));
        var pod = await agent.NextPod();
        await _silo.Objects.DeleteAsync(new DeleteRequest { Resource = Pods, Namespace = "default", Name = "held" }, cancellationToken: Limit);
        await agent.NextPod();
        using var watch = Watch("held");
        await agent.Gone(pod);
        await Until(watch, seen => seen.Metadata is { HasDeletionGracePeriodSeconds: true, DeletionGracePeriodSeconds: 0 });
        var patch = new PatchRequest
        {
            Resource = Pods,
            Namespace = "default",
            Name = "held",
            Patch = ByteString.CopyFromUtf8("{\"metadata\": {\"finalizers\": null}}"),
        };
        await _silo.Objects.PatchAsync(patch, cancellationToken: Limit);
        await Until(watch, deleted: true);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_clients_trace_reaches_the_agent()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        using var agent = await TestAgent.Connect(_silo, "host-1");
        var headers = new Metadata { { "traceparent", $"00-{Trace}-00f067aa0ba902b7-01" } };
        await _silo.Objects.ApplyAsync(new ApplyRequest { Manifest = Text(PodYaml("web")), DefaultNamespace = "default" }, headers, cancellationToken: Limit);
        Assert.Contains(Trace, (await agent.Next(SiloMessage.MessageOneofCase.Change)).Change.Assignment.Traceparent);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_namespace_empties_itself()
    {
        await Apply("{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"room\"}}");
        await Apply(PodYaml("a").Replace("name: a", "name: a, namespace: room", StringComparison.Ordinal));
        using var watch = _silo.Objects.Watch(new WatchRequest { Resource = new ResourceName { Resource = "namespaces" }, Name = "room" }, cancellationToken: Limit);
        await _silo.Objects.DeleteAsync(new DeleteRequest { Resource = new ResourceName { Resource = "namespaces" }, Name = "room" }, cancellationToken: Limit);
        while (await watch.ResponseStream.MoveNext(Limit) && watch.ResponseStream.Current.Type != WatchEvent.Types.Type.Deleted)
        {
        }

        Assert.Empty((await _silo.Objects.ListAsync(new ListRequest { Resource = Pods }, cancellationToken: Limit)).Items);
    }

    private static Manifest Text(string yaml) => new() { Text = ByteString.CopyFrom(yaml, Encoding.UTF8), Source = "test.yaml" };

    private static string PodYaml(string name, string memory = "64Mi", string nodeName = "") => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}}
        spec:
          {{(nodeName.Length > 0 ? $"nodeName: {nodeName}" : "hostNetwork: false")}}
          containers:
          - name: main
            image: web:1
            resources:
              requests: {memory: "{{memory}}"}
        """;

    private async Task Apply(string yaml) => await _silo.Objects.ApplyAsync(new ApplyRequest { Manifest = Text(yaml), DefaultNamespace = "default" }, cancellationToken: Limit);

    private Task<RpcException> Refused(string yaml) => Assert.ThrowsAsync<RpcException>(() => Apply(yaml));

    private AsyncServerStreamingCall<WatchEvent> Watch(string pod) =>
        _silo.Objects.Watch(new WatchRequest { Resource = Pods, Namespace = "default", Name = pod }, cancellationToken: Limit);

    private static async Task<Pod> Until(AsyncServerStreamingCall<WatchEvent> watch, Func<Pod, bool>? holds = null, bool deleted = false)
    {
        while (await watch.ResponseStream.MoveNext(Limit))
        {
            var seen = watch.ResponseStream.Current;
            if (seen.Type == WatchEvent.Types.Type.Deleted && deleted) return seen.Object.Proto.Unpack<Pod>();
            if (seen.Object is not null && holds?.Invoke(seen.Object.Proto.Unpack<Pod>()) == true) return seen.Object.Proto.Unpack<Pod>();
        }

        throw new InvalidOperationException("The watch ended.");
    }
}
