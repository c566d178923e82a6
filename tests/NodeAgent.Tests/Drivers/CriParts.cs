using Orchestrator.NodeAgent.Drivers.Cri;
using Orchestrator.NodeAgent.Fingerprint;
using Orchestrator.NodeAgent.Images;
using Orchestrator.NodeAgent.Logs;
using Orchestrator.NodeAgent.Networking.Cluster;
using Orchestrator.NodeAgent.Networking.Dns;
using Orchestrator.NodeAgent.Options;
using Orchestrator.NodeAgent.Volumes;

namespace Orchestrator.NodeAgent.Tests.Drivers;

/// <summary>The CRI driver and what it is made of, over one containerd.</summary>
internal sealed class CriParts : IDisposable
{
    public CriParts(string endpoint, string data, string cgroupParent, string runtimeHandler)
    {
        Client = ContainerdClient.Open(endpoint);
        var options = new AgentOptions { CgroupParent = cgroupParent, RuntimeHandler = runtimeHandler };
        Logs = new PodLogPaths(data);
        Cgroups = new PodCgroups(cgroupParent);
        var configs = new SandboxConfigs(Logs, Cgroups, new PodResolver(new ClusterNetwork(), "/etc/resolv.conf"));
        var volumes = new VolumePaths(data);
        var containers = new ContainerConfigs(new ContainerMounts(volumes), new HostAddress());
        Driver = new CriDriver(
            Client, new CriSandboxes(Client, configs, options), new CriContainers(Client), containers, volumes, Logs, new LogFollower(TimeProvider.System));
        Images = new ImageStore(Client);
    }

    public ContainerdClient Client { get; }

    public CriDriver Driver { get; }

    public ImageStore Images { get; }

    public PodLogPaths Logs { get; }

    public PodCgroups Cgroups { get; }

    public void Dispose() => Client.Dispose();
}
