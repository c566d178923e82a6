using Orchestrator.Benchmarks.Reporting;
using Orchestrator.NodeAgent.Cri.V1;

namespace Orchestrator.Benchmarks.Skeleton;

/// <summary>Starts a pod of one container by the calls that the agent makes for it, one after the other, and nothing else.</summary>
internal sealed class CriPeer(BenchCluster cluster)
{
    private const string RuntimeHandler = "crun";

    public async Task<double> StartPodAsync(string name)
    {
        var sandbox = new PodSandboxConfig
        {
            Metadata = new PodSandboxMetadata { Name = name, Uid = name, Namespace = "default" },
            Hostname = name,
            LogDirectory = Path.Combine(cluster.HostDirectory, "bench-logs", name),
            Linux = new LinuxPodSandboxConfig
            {
                CgroupParent = $"{cluster.CgroupParent}/{name}",
                SecurityContext = new LinuxSandboxSecurityContext { Seccomp = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault } },
            },
        };
        Directory.CreateDirectory(sandbox.LogDirectory);

        var started = TimeProvider.System.GetTimestamp();
        var pod = await cluster.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = sandbox, RuntimeHandler = RuntimeHandler });
        var container = await cluster.Runtime.CreateContainerAsync(new CreateContainerRequest
        {
            PodSandboxId = pod.PodSandboxId,
            SandboxConfig = sandbox,
            Config = Container(),
        });
        await cluster.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = container.ContainerId });
        var milliseconds = Samples.MillisecondsSince(started);

        await cluster.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = pod.PodSandboxId });
        await cluster.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = pod.PodSandboxId });
        Directory.Delete(sandbox.LogDirectory, recursive: true);
        return milliseconds;
    }

    private static ContainerConfig Container() => new()
    {
        Metadata = new ContainerMetadata { Name = "main" },
        Image = new ImageSpec { Image = BenchCluster.Image },
        LogPath = "main.log",
        Linux = new LinuxContainerConfig
        {
            Resources = new LinuxContainerResources { CpuShares = 2 },
            SecurityContext = new LinuxContainerSecurityContext { Seccomp = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault } },
        },
    };
}
