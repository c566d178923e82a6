using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Agents.V1;
using Orchestrator.Api.V1;

namespace Orchestrator.Silo.Tests.Cluster;

/// <summary>A real silo with a host is set back to a backup while both run on.</summary>
public sealed class RestoreTests
{
    private static readonly ResourceName Pods = new() { Resource = "pods" };

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task The_cluster_runs_on_and_its_host_follows()
    {
        using var folder = new TemporaryFolder();
        await using (var silo = await SiloProcess.Start(folder.Path))
        {
            var admin = new Admin.AdminClient(silo.Channel);
            using var agent = await TestAgent.Connect(silo, "host-1");
            await Apply(silo, "kept");
            var kept = await agent.NextPod();
            await agent.Report(kept, "Running");
            var file = await BackupOf(admin);

            await Apply(silo, "later");
            var later = await agent.NextPod();
            await DeleteNow(silo, "kept");
            Assert.Equal(kept.Metadata.Uid, (await agent.Next(SiloMessage.MessageOneofCase.Change)).Change.Removed.Uid);
            // A client writes on while the restore happens: each of its writes is before it or after it.
            using var stop = new CancellationTokenSource();
            var writing = WriteOn(silo, stop.Token);

            var done = await Restore(admin, file);
            Assert.True(done is { Created: >= 1, Deleted: >= 1 }, done.ToString());
            var (removed, assigned) = ("", "");
            while (removed.Length == 0 || assigned.Length == 0)
            {
                var change = (await agent.Next(SiloMessage.MessageOneofCase.Change)).Change;
                if (change.Removed is { } gone) removed = gone.Uid;
                if (change.Assignment?.Pod is { } pod) assigned = pod.Metadata.Uid;
            }

            Assert.Equal((later.Metadata.Uid, kept.Metadata.Uid), (removed, assigned));
            await stop.CancelAsync();
            Assert.True(await writing > 0);
            await agent.Report(kept, "Running");
            Assert.Equal(["kept"], await Names(silo));
            Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => Restore(admin, file[..^1]))).StatusCode);
            await silo.Kill();
        }

        await using var successor = await SiloProcess.Start(folder.Path);
        Assert.Equal(["kept"], await Names(successor));
    }

    private static async Task<int> WriteOn(SiloProcess silo, CancellationToken stop)
    {
        var written = 0;
        while (!stop.IsCancellationRequested)
        {
            await silo.Objects.CreateAsync(new CreateRequest
            {
                Manifest = new Manifest { Text = ByteString.CopyFromUtf8("{apiVersion: v1, kind: ConfigMap, metadata: {generateName: on-}}") },
                DefaultNamespace = "default",
            }, cancellationToken: Limit);
            written++;
        }

        return written;
    }

    private static async Task<byte[]> BackupOf(Admin.AdminClient admin)
    {
        using var file = new MemoryStream();
        using var call = admin.Backup(new BackupRequest(), cancellationToken: Limit);
        await foreach (var part in call.ResponseStream.ReadAllAsync(Limit)) part.Data.WriteTo(file);
        return file.ToArray();
    }

    private static async Task<RestoreResponse> Restore(Admin.AdminClient admin, byte[] file)
    {
        using var call = admin.Restore(cancellationToken: Limit);
        foreach (var part in file.Chunk(4096)) await call.RequestStream.WriteAsync(new BackupPart { Data = ByteString.CopyFrom(part) }, Limit);
        await call.RequestStream.CompleteAsync();
        return await call.ResponseAsync;
    }

    private static async Task Apply(SiloProcess silo, string name) => await silo.Objects.ApplyAsync(new ApplyRequest
    {
        Manifest = new Manifest { Text = ByteString.CopyFrom($"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}, spec: {{containers: [{{name: main, image: 'web:1'}}]}}}}", Encoding.UTF8) },
        DefaultNamespace = "default",
    }, cancellationToken: Limit);

    private static async Task DeleteNow(SiloProcess silo, string name)
    {
        await silo.Objects.DeleteAsync(new DeleteRequest { Resource = Pods, Namespace = "default", Name = name, GracePeriodSeconds = 0 }, cancellationToken: Limit);
    }

    private static async Task<IEnumerable<string>> Names(SiloProcess silo) =>
        (await silo.Objects.ListAsync(new ListRequest { Resource = Pods }, cancellationToken: Limit)).Items.Select(pod => pod.Name);
}
