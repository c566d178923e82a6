using Orchestrator.Agents.V1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Tests.Cluster;
using Orchestrator.Silo.Tests.Rest;

namespace Orchestrator.Silo.Tests.Networking;

/// <summary>From pods' and machines' readiness to what hosts hear, in the real silo, with Debian's kubectl.</summary>
public sealed class ServiceSessionTests(RestSilo silo) : IClassFixture<RestSilo>, IDisposable
{
    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact(Timeout = 120_000)]
    public async Task Pods_and_machines_are_behind_a_service_as_they_become_ready_and_hosts_hear_of_it()
    {
        var ns = await silo.Namespace();
        var kubectl = new Kubectl(silo.Process.Http, ns, _home.Path);
        using var agent = await TestAgent.Connect(silo.Process, $"host-of-{ns}", NetworkSessionTests.FactsOf("10.87.9.1"));
        await kubectl.Feed("""
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: http}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: all}
            spec: {clusterIP: None, publishNotReadyAddresses: true, selector: {app: web}, ports: [{port: 80}]}
            """, "apply", "-f", "-");
        Assert.Matches("^10.96.1.[0-9]+ 3[0-9]{4}$", await kubectl.Run("get", "service", "web", "-o", "jsonpath={.spec.clusterIP} {.spec.ports[0].nodePort}"));
        Assert.Contains("is already allocated", await kubectl.Fail(null, "create", "service", "clusterip", "second", "--tcp=80", $"--clusterip={await kubectl.Run("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}")}"));
        Assert.Equal(("NodePort", "web"), await HearAsync(agent, update => update.Services.Where(service => service.Metadata.Namespace == ns && service.Metadata.Name == "web").Select(service => (service.Spec.Type, service.Metadata.Name))));

        await kubectl.Feed($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: web-0, labels: {app: web}}
            spec:
              nodeName: host-of-{{{ns}}}
              hostname: zero
              subdomain: all
              containers: [{name: c, image: "web:1", ports: [{name: http, containerPort: 8080}]}]
            """, "apply", "-f", "-");
        var pod = await agent.NextPod();
        await ReportAsync(agent, pod, "10.244.0.7", ready: false);
        // Behind the one that wants those that aren't ready, and behind the other as not ready; the named port is the container's.
        Assert.Equal("true zero 80", await SliceAsync(kubectl, "all", "{.endpoints[0].conditions.ready} {.endpoints[0].hostname} {.ports[0].port}", said => said.StartsWith("true zero")));
        Assert.Equal("false 8080", await SliceAsync(kubectl, "web", "{.endpoints[0].conditions.ready} {.ports[0].port}", said => said.StartsWith("false")));
        await ReportAsync(agent, pod, "10.244.0.7", ready: true);
        Assert.Equal(("10.244.0.7", 8080), await HearAsync(agent, update => update.Slices
            .Where(slice => slice.Metadata.Namespace == ns && slice.Metadata.Labels["kubernetes.io/service-name"] == "web")
            .SelectMany(slice => slice.Endpoints.Where(endpoint => endpoint.Conditions.Ready && endpoint.NodeName == $"host-of-{ns}").Select(endpoint => (endpoint.Addresses[0], slice.Ports[0].Port)))));

        // A machine of the labels is behind it too, once it runs; its port is a number.
        await kubectl.Feed($$$"""
            apiVersion: virt.orchestrator.dev/v1
            kind: VirtualMachine
            metadata: {name: vm-0, labels: {app: web}}
            spec: {nodeName: host-of-{{{ns}}}, runtimeClassName: paravirtual, image: "web:1"}
            """, "apply", "-f", "-");
        VirtualMachine? machine;
        do machine = (await agent.Next(SiloMessage.MessageOneofCase.Change)).Change.Assignment?.VirtualMachine;
        while (machine is null);
        await agent.Say(new AgentMessage
        {
            Report = new WorkloadReport
            {
                Workload = new WorkloadRef { Kind = WorkloadRef.Types.Kind.VirtualMachine, Namespace = ns, Name = "vm-0", Uid = machine.Metadata.Uid },
                VirtualMachine = new VirtualMachineStatus
                {
                    Phase = "Running",
                    Conditions = { new Condition { Type = "Ready", Status = "True" } },
                    Interfaces = { new MachineInterfaceStatus { Name = "default", IpAddress = "10.244.0.8" } },
                },
            },
        });
        Assert.Equal("10.244.0.7 10.244.0.8", await SliceAsync(kubectl, "all", "{.endpoints[*].addresses[0]}", said => said.Contains("0.8")));

        // One who connects now hears the same as a whole; the service goes, and its slices with it.
        await kubectl.Run("delete", "service", "web");
        Assert.Equal($"{ns}/web", await HearAsync(agent, update => update.RemovedServices));
        Assert.StartsWith($"{ns}/web-", await HearAsync(agent, update => update.RemovedSlices));
        using var later = await TestAgent.Connect(silo.Process, "later", NetworkSessionTests.FactsOf("10.87.9.2"));
        var whole = await NetworkSessionTests.NextAsync(later);
        Assert.True(whole.Reset);
        Assert.Equal("all", whole.Services.Single(service => service.Metadata.Namespace == ns).Metadata.Name);
        Assert.Equal("zero", whole.Slices.Single(slice => slice.Metadata.Namespace == ns).Endpoints.Single(endpoint => endpoint.Addresses[0] == "10.244.0.7").Hostname);
    }

    private static Task ReportAsync(TestAgent agent, Pod pod, string address, bool ready) => agent.Say(new AgentMessage
    {
        Report = new WorkloadReport
        {
            Workload = new WorkloadRef { Namespace = pod.Metadata.Namespace, Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
            Pod = new PodStatus { Phase = "Running", PodIp = address, Conditions = { new Condition { Type = "Ready", Status = ready ? "True" : "False" } } },
        },
    });

    /// <summary>The first that an update has of what is looked for.</summary>
    private static async Task<T> HearAsync<T>(TestAgent agent, Func<NetworkUpdate, IEnumerable<T>> find)
    {
        while (true)
        {
            if (find(await NetworkSessionTests.NextAsync(agent)).ToArray() is [var first, ..]) return first;
        }
    }

    /// <summary>What the one slice of a service says, once it says what is waited for.</summary>
    private static async Task<string> SliceAsync(Kubectl kubectl, string service, string path, Func<string, bool> isSo)
    {
        while (true)
        {
            var said = await kubectl.Run("get", "endpointslices", "-l", $"kubernetes.io/service-name={service}", "-o", $"jsonpath={{range .items[0]}}{path}{{end}}");
            if (isSo(said)) return said;
        }
    }
}
