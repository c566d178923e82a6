using Google.Protobuf;
using Orchestrator.Agents.V1;
using Orchestrator.Conformance.Containerd;
using Orchestrator.Conformance.Fakes;
using Orchestrator.Objects.CoreV1;
using SourceKind = Orchestrator.Agents.V1.ConfigurationSource.Types.Kind;

namespace Orchestrator.NodeAgent.Tests.Real;

/// <summary>Volumes as the containers of a real containerd see them.</summary>
[Collection(RealContainerdCollection.Name)]
public sealed class RealVolumeTests(RealContainerd containerd)
{
    private const string Password = "correct-horse-battery-staple";

    private static CancellationToken Limit => new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    private string Volumes => Path.Join(containerd.Data, "agent", "volumes");

    [Fact]
    public async Task Containers_share_read_and_follow_their_volumes_and_leave_nothing()
    {
        await using var silo = await FakeSilo.StartAsync(Path.Join(containerd.Data, "silo.sock"));
        await using var agent = AgentProcess.Start(containerd, silo.Endpoint, "unix:///nowhere/dom0.sock");
        var session = await silo.NextSessionAsync(Limit);
        await session.DesireAsync(Pod("one"));
        await session.PodAsync("uid-volumes", s => s.Phase == "Running", Limit);

        Assert.Equal("one -rw------- one volumes prepared", await RunAsync(
            silo, session, "echo $(cat /config/key) $(ls -lL /config/key | head -c 10) $(cat /part) $(cat /own/name) $(cat /shared/deep/er/by-init)"));
        Assert.Equal(Password, await RunAsync(silo, session, "cat /secret/password"));
        Assert.Equal("no no", await RunAsync(silo, session, "(echo x >/secret/password) 2>/dev/null && echo yes || echo no; (echo x >/read-only/x) 2>/dev/null && echo yes || echo no"));
        // In the agent's namespace the secret is in memory; on the disk below, which is what this process sees, there is nothing of it.
        var folder = Path.Join(Volumes, "default_volumes_uid-volumes");
        Assert.Equal("4", (await containerd.RunBesideAsync("grep", "-c", $" {folder}/", "/proc/self/mounts")).Trim());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Join(folder, "secret")));

        await session.ChangeAsync(Pod("two"));
        var limit = Limit;
        while (await RunAsync(silo, session, "cat /config/key") != "two") limit.ThrowIfCancellationRequested();
        // A part of a volume stays what it was when the container started, as in Kubernetes.
        Assert.Equal("one", await RunAsync(silo, session, "cat /part"));

        await session.ChangeAsync(Pod("two").Deleting());
        await session.GoneAsync("uid-volumes", Limit);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Volumes));
    }

    private static async Task<string> RunAsync(FakeSilo silo, FakeSession session, string script)
    {
        var exec = await silo.OpenAsync(session, new OpenStream
        {
            Exec = new ExecTarget { Workload = Pod("").Reference(), Container = "main", Command = { "/bin/sh", "-c", script } },
        }, Limit);
        var end = await exec.ReadAsync(null, Limit);
        Assert.True(end?.ExitCode == 0, $"{end} {exec.Error}");
        var output = exec.Output.ToString().Trim().Replace('\n', ' ');
        exec.Finish();
        return output;
    }

    private static Assignment Pod(string value)
    {
        var main = new Container
        {
            Name = "main",
            Image = RealContainerd.Busybox,
            Command = { "/bin/sh", "-c", "exec sleep 1000" },
            VolumeMounts =
            {
                new VolumeMount { Name = "config", MountPath = "/config" }, new VolumeMount { Name = "config", MountPath = "/part", SubPath = "key" },
                new VolumeMount { Name = "secret", MountPath = "/secret" }, new VolumeMount { Name = "own", MountPath = "/own" },
                new VolumeMount { Name = "shared", MountPath = "/shared" }, new VolumeMount { Name = "shared", MountPath = "/read-only", ReadOnly = true },
            },
        };
        var pod = TestPods.Pod("volumes", "Always", 0, main);
        pod.Pod.Spec.InitContainers.Add(new Container
        {
            Name = "prepare",
            Image = RealContainerd.Busybox,
            Command = { "/bin/sh", "-c", "echo prepared >/here/by-init" },
            VolumeMounts = { new VolumeMount { Name = "shared", MountPath = "/here", SubPath = "deep/er" } },
        });
        pod.Pod.Spec.Volumes.Add(
        [
            new Volume { Name = "config", ConfigMap = new ConfigMapVolumeSource { Name = "c", DefaultMode = 0b110_000_000 } },
            new Volume { Name = "secret", Secret = new SecretVolumeSource { SecretName = "s" } },
            new Volume { Name = "own", DownwardApi = new DownwardAPIVolumeSource { Items = { new DownwardAPIVolumeFile { Path = "name", FieldRef = new ObjectFieldSelector { FieldPath = "metadata.name" } } } } },
            new Volume { Name = "shared", EmptyDir = new EmptyDirVolumeSource() },
        ]);
        pod.Sources.Add(new ConfigurationSource { Kind = SourceKind.ConfigMap, Name = "c", Data = { ["key"] = ByteString.CopyFromUtf8(value) } });
        pod.Sources.Add(new ConfigurationSource { Kind = SourceKind.Secret, Name = "s", Data = { ["password"] = ByteString.CopyFromUtf8(Password) } });
        return pod;
    }
}
