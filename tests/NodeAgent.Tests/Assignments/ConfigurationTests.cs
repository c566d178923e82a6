using Google.Protobuf;
using Orchestrator.Agents.V1;
using Orchestrator.Objects.CoreV1;
using SourceKind = Orchestrator.Agents.V1.ConfigurationSource.Types.Kind;

namespace Orchestrator.NodeAgent.Tests.Assignments;

/// <summary>Variables and volumes that come from other objects, by the whole agent over fakes.</summary>
public sealed class ConfigurationTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Variables_come_from_whole_objects_single_keys_fields_and_resources()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pod = Pod("vars", new Container
        {
            EnvFrom =
            {
                new EnvFromSource { ConfigMapRef = new ConfigMapEnvSource { Name = "all" } },
                new EnvFromSource { Prefix = "S_", SecretRef = new SecretEnvSource { Name = "hidden" } },
                new EnvFromSource { ConfigMapRef = new ConfigMapEnvSource { Name = "missing", Optional = true } },
            },
            Env =
            {
                new EnvVar { Name = "COLOUR", Value = "dark $(COLOUR)" },
                new EnvVar { Name = "KEY", ValueFrom = new EnvVarSource { SecretKeyRef = new SecretKeySelector { Name = "hidden", Key = "password" } } },
                new EnvVar { Name = "ABSENT", ValueFrom = new EnvVarSource { ConfigMapKeyRef = new ConfigMapKeySelector { Name = "all", Key = "no", Optional = true } } },
                Field("NAME", "metadata.name"), Field("APP", "metadata.labels['app']"), Field("IP", "status.podIP"),
                new EnvVar { Name = "MIB", ValueFrom = new EnvVarSource { ResourceFieldRef = new ResourceFieldSelector { Resource = "limits.memory", Divisor = "1Mi" } } },
                new EnvVar { Name = "CPUS", ValueFrom = new EnvVarSource { ResourceFieldRef = new ResourceFieldSelector { Resource = "requests.cpu" } } },
            },
            Resources = new ResourceRequirements { Limits = { ["memory"] = "100M" }, Requests = { ["cpu"] = "1200m" } },
        });
        pod.Pod.Metadata.Labels["app"] = "web";
        pod.Sources.Add([Source(SourceKind.ConfigMap, "all", ("COLOUR", "blue"), ("0bad", "x")), Source(SourceKind.Secret, "hidden", ("password", "p"))]);
        await agent.Session.DesireAsync(pod);
        var running = await agent.Session.PodAsync("uid-vars", s => s.Phase == "Running", FakeAgent.Limit);
        var variables = Run(agent, "vars").Config.Envs.ToDictionary(pair => pair.Key, pair => pair.Value);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["COLOUR"] = "dark blue",
                ["S_password"] = "p",
                ["KEY"] = "p",
                ["NAME"] = "vars",
                ["APP"] = "web",
                ["IP"] = running.PodIp,
                ["MIB"] = "96",
                ["CPUS"] = "2",
            },
            variables);
    }

    [Theory]
    [InlineData(SourceKind.ConfigMap, "configmap \"late\" not found")]
    [InlineData(SourceKind.Secret, "secret \"late\" not found")]
    public async Task A_container_waits_for_what_it_names_and_says_so(SourceKind kind, string message)
    {
        await using var agent = await FakeAgent.StartAsync();
        var reference = kind == SourceKind.Secret
            ? new EnvVarSource { SecretKeyRef = new SecretKeySelector { Name = "late", Key = "k" } }
            : new EnvVarSource { ConfigMapKeyRef = new ConfigMapKeySelector { Name = "late", Key = "k" } };
        var pod = Pod("waits", new Container { Env = { new EnvVar { Name = "K", ValueFrom = reference } } });
        await agent.Session.DesireAsync(pod);
        var waiting = await agent.Session.PodAsync("uid-waits", s => s.ContainerStatuses[0].State.Waiting?.Reason == "CreateContainerConfigError", FakeAgent.Limit);
        Assert.Equal(message, waiting.ContainerStatuses[0].State.Waiting.Message);
        pod.Sources.Add(Source(kind, "late", ("k", "v")));
        await agent.Session.ChangeAsync(pod);
        await agent.PassAsync(Second, agent.Session.PodAsync("uid-waits", s => s.Phase == "Running", FakeAgent.Limit));
        Assert.Equal("v", Assert.Single(Run(agent, "waits").Config.Envs).Value);
    }

    [Fact]
    public async Task A_volume_holds_a_pod_back_until_its_source_is_there_then_follows_it_and_outlives_it()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pod = WithVolume("files", new Volume { Name = "config", ConfigMap = new ConfigMapVolumeSource { Name = "late" } });
        await agent.Session.DesireAsync(pod);
        await agent.Session.NextAsync(message => message.Event is { Reason: "FailedMount" } told
            && told.Message == "MountVolume.SetUp failed for volume \"config\" : configmap \"late\" not found", FakeAgent.Limit);
        Assert.Empty(agent.Containerd.Sandboxes);

        var sourced = pod.Clone();
        sourced.Sources.Add(Source(SourceKind.ConfigMap, "late", ("key", "one")));
        await agent.Session.ChangeAsync(sourced);
        await agent.Session.PodAsync("uid-files", s => s.Phase == "Running", FakeAgent.Limit);
        var mount = Assert.Single(Run(agent, "files").Config.Mounts);
        Assert.Equal(("/config", true), (mount.ContainerPath, mount.Readonly));
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Join(mount.HostPath, "key")));

        var changed = pod.Clone();
        changed.Sources.Add(Source(SourceKind.ConfigMap, "late", ("key", "two")));
        await agent.Session.ChangeAsync(changed);
        while (await File.ReadAllTextAsync(Path.Join(mount.HostPath, "key")) != "two") FakeAgent.Limit.ThrowIfCancellationRequested();

        // A source that goes takes nothing from who has it.
        await agent.Session.ChangeAsync(pod);
        await agent.Session.NextAsync(message => message.Event is { Reason: "FailedMount" }, FakeAgent.Limit);
        Assert.Equal("two", await File.ReadAllTextAsync(Path.Join(mount.HostPath, "key")));
        agent.Containerd.Kill("files", "main", 1, "Error");
        await agent.PassAsync(Second, agent.Session.PodAsync("uid-files", s => s.ContainerStatuses[0] is { RestartCount: 1, Ready: true }, FakeAgent.Limit));

        await agent.Session.ChangeAsync(pod.Deleting());
        await agent.PassAsync(Second, agent.Session.GoneAsync("uid-files", FakeAgent.Limit));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Join(agent.Data, "volumes")));
    }

    [Fact]
    public async Task What_a_killed_agent_left_of_a_pods_volumes_is_cleared_by_its_successor()
    {
        await using var agent = await FakeAgent.StartAsync();
        var pod = WithVolume("left", new Volume { Name = "scratch", EmptyDir = new EmptyDirVolumeSource { Medium = "Memory", SizeLimit = "64Ki" } });
        await agent.Session.DesireAsync(pod);
        await agent.Session.PodAsync("uid-left", s => s.Phase == "Running", FakeAgent.Limit);
        var scratch = Assert.Single(Run(agent, "left").Config.Mounts).HostPath;
        Assert.Throws<IOException>(() => File.WriteAllBytes(Path.Join(scratch, "too-large"), new byte[1 << 20]));
        await agent.KillProcessAsync();
        // Nothing but the volumes is left, and the pod is gone from the store.
        agent.Containerd.Containers.Clear();
        agent.Containerd.Sandboxes.Clear();
        await agent.StartProcessAsync();
        await agent.Session.DesireAsync();
        await agent.PassAsync(Second, agent.Session.GoneAsync("uid-left", FakeAgent.Limit));
        Assert.False(Directory.Exists(scratch));
    }

    [Theory]
    [InlineData("Directory", "a directory")]
    [InlineData("Socket", "a socket file")]
    [InlineData("BlockDevice", "a block device")]
    public async Task A_host_path_that_is_something_else_is_named(string type, string noun)
    {
        await using var agent = await FakeAgent.StartAsync();
        var file = Path.Join(agent.Data, "a-file");
        await File.WriteAllTextAsync(file, "");
        await agent.Session.DesireAsync(WithVolume("host", new Volume { Name = "place", HostPath = new HostPathVolumeSource { Path = file, Type = type } }));
        var told = await agent.Session.NextAsync(message => message.Event is { Reason: "FailedMount" }, FakeAgent.Limit);
        Assert.EndsWith($"hostPath type check failed: {file} is not {noun}", told.Event.Message, StringComparison.Ordinal);
    }

    private static Assignment Pod(string name, Container container)
    {
        (container.Name, container.Image) = ("main", "busybox:1");
        return TestPods.Pod(name, "Always", 1, container);
    }

    private static Assignment WithVolume(string name, Volume volume)
    {
        var pod = Pod(name, new Container { VolumeMounts = { new VolumeMount { Name = volume.Name, MountPath = $"/{volume.Name}" } } });
        pod.Pod.Spec.Volumes.Add(volume);
        return pod;
    }

    private static EnvVar Field(string name, string path) => new() { Name = name, ValueFrom = new EnvVarSource { FieldRef = new ObjectFieldSelector { FieldPath = path } } };

    private static ConfigurationSource Source(SourceKind kind, string name, params (string Key, string Value)[] data)
    {
        var source = new ConfigurationSource { Kind = kind, Name = name };
        foreach (var (key, value) in data) source.Data[key] = ByteString.CopyFromUtf8(value);
        return source;
    }

    private static Orchestrator.Conformance.Fakes.FakeContainer Run(FakeAgent agent, string pod) =>
        agent.Containerd.Containers.Values.Last(container => container.Config.Labels.Values.Contains($"uid-{pod}"));
}
