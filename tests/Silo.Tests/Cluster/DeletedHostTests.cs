using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.Api.V1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Silo.Tests.Cluster;

/// <summary>A host that will never be heard of again, and whose Node somebody deletes.</summary>
public sealed class DeletedHostTests : IDisposable
{
    private static readonly ResourceName Pods = new() { Resource = "pods" };
    private static readonly ResourceName Nodes = new() { Resource = "nodes" };
    private static readonly ResourceName Vms = new() { Group = "virt.orchestrator.dev", Resource = "virtualmachines" };
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 120_000)]
    public async Task With_the_Node_go_the_pods_and_stay_the_machines_until_they_are_deleted()
    {
        await using (var silo = await SiloProcess.Start(_folder.Path)) await Bind(silo);

        await using var next = await SiloProcess.Start(_folder.Path, "--lease-seconds", "2");
        using var pod = Watch(next, Pods, "lost");
        using var vm = Watch(next, Vms, "kept");
        await next.Objects.DeleteAsync(new DeleteRequest { Resource = Nodes, Name = "host-1" }, cancellationToken: Limit);
        var failed = await Until(pod, change => change.Object?.Proto?.Unpack<Pod>() is { Status.Phase: "Failed" });
        Assert.Equal("HostDeleted", failed.Object.Proto.Unpack<Pod>().Status.Reason);
        await Until(pod, change => change.Type == WatchEvent.Types.Type.Deleted);

        await Until(vm, change => change.Object?.Proto?.Unpack<VirtualMachine>().Status?.Conditions.Any(condition => condition.Reason == "HostDeleted") == true);
        await next.Objects.DeleteAsync(new DeleteRequest { Resource = Vms, Namespace = "default", Name = "kept" }, cancellationToken: Limit);
        await Until(vm, change => change.Type == WatchEvent.Types.Type.Deleted);
    }

    private static async Task Bind(SiloProcess silo)
    {
        var facts = TestAgent.Facts();
        facts.Status.RuntimeClasses.Add(new NodeRuntimeClass { Name = "paravirtual", Available = true });
        using var agent = await TestAgent.Connect(silo, "host-1", facts);
        foreach (var manifest in (string[])[
            "{apiVersion: v1, kind: Pod, metadata: {name: lost}, spec: {containers: [{name: main, image: 'web:1'}]}}",
            "{apiVersion: virt.orchestrator.dev/v1, kind: VirtualMachine, metadata: {name: kept}, spec: {image: 'web:1', memory: 64Mi, runtimeClassName: paravirtual}}"])
        {
            await silo.Objects.ApplyAsync(
                new ApplyRequest { Manifest = new Manifest { Text = ByteString.CopyFrom(manifest, Encoding.UTF8), Source = "test.yaml" }, DefaultNamespace = "default" },
                cancellationToken: Limit);
            await agent.Next(SiloMessage.MessageOneofCase.Change);
        }
    }

    private static AsyncServerStreamingCall<WatchEvent> Watch(SiloProcess silo, ResourceName resource, string name) =>
        silo.Objects.Watch(new WatchRequest { Resource = resource, Namespace = "default", Name = name }, cancellationToken: Limit);

    private static async Task<WatchEvent> Until(AsyncServerStreamingCall<WatchEvent> watch, Func<WatchEvent, bool> holds)
    {
        while (await watch.ResponseStream.MoveNext(Limit))
        {
            if (holds(watch.ResponseStream.Current)) return watch.ResponseStream.Current;
        }

        throw new InvalidOperationException("The watch ended.");
    }
}
