using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.Api.V1;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Silo.Tests.Cluster;

/// <summary>The real silo on a disk that is full: it says so, serves what it has, and goes on by itself when there is room.</summary>
public sealed class FullDiskTests
{
    private const string Pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: main, image: 'web:1'}]}";
    private static readonly ResourceName Pods = new() { Resource = "pods" };

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_status_that_found_no_room_is_stored_once_there_is_some()
    {
        using var disk = new SmallDisk(megabytes: 8);
        await using var silo = await SiloProcess.Start(disk.Path);
        using var agent = await TestAgent.Connect(silo, "host-1");
        await Apply(silo, Pod);
        var assigned = await agent.NextPod();

        disk.Fill();
        var refused = await FirstRefusalAsync(silo);
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Contains("full", refused.Status.Detail);
        await agent.Report(assigned, "Running");
        await BeatAsync(agent, 1);
        await BeatAsync(agent, 2);
        Assert.NotEqual("Running", (await PodAsync(silo)).Status.Phase);

        disk.Empty();
        using var watch = silo.Objects.Watch(new WatchRequest { Resource = Pods, Namespace = "default", Name = "web", Form = Form.Proto }, cancellationToken: Limit);
        await BeatAsync(agent, 3);
        while (await watch.ResponseStream.MoveNext(Limit))
        {
            if (watch.ResponseStream.Current.Object?.Proto.Unpack<Pod>().Status.Phase == "Running") break;
        }

        Assert.Equal("Running", (await PodAsync(silo)).Status.Phase);
        await Apply(silo, Image(0));
    }

    // The log's file may have room of its own left; it is used up first.
    private static async Task<RpcException> FirstRefusalAsync(SiloProcess silo)
    {
        for (var i = 0; i < 10_000; i++)
        {
            try
            {
                await Apply(silo, Image(i));
            }
            catch (RpcException refused)
            {
                return refused;
            }
        }

        throw new InvalidOperationException("the disk never filled");
    }

    private static string Image(int number) =>
        $"apiVersion: virt.orchestrator.dev/v1\nkind: MachineImage\nmetadata: {{name: filler-{number}}}\nspec: {{image: 'web:1', description: {new string('x', 2000)}}}";

    private static async Task BeatAsync(TestAgent agent, long sequence)
    {
        await agent.Say(new AgentMessage { Heartbeat = new Heartbeat { Sequence = sequence } });
        await agent.Next(SiloMessage.MessageOneofCase.Heartbeat);
    }

    private static async Task<Pod> PodAsync(SiloProcess silo) => (await silo.Objects.GetAsync(
        new GetRequest { Resource = Pods, Namespace = "default", Name = "web", Form = Form.Proto }, cancellationToken: Limit)).Proto.Unpack<Pod>();

    private static async Task Apply(SiloProcess silo, string yaml) => await silo.Objects.ApplyAsync(
        new ApplyRequest { Manifest = new Manifest { Text = ByteString.CopyFrom(yaml, Encoding.UTF8), Source = "test.yaml" }, DefaultNamespace = "default" },
        cancellationToken: Limit);
}
