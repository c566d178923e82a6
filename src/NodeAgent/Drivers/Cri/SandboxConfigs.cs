using System.Globalization;
using Orchestrator.NodeAgent.Cri.V1;
using Orchestrator.NodeAgent.Logs;
using Orchestrator.NodeAgent.Networking.Dns;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>Writes a pod's sandbox the way CRI wants it.</summary>
internal sealed class SandboxConfigs(PodLogPaths logs, PodCgroups cgroups, PodResolver resolver)
{
    private const int MaximumHostnameLength = 63;

    public PodSandboxConfig Build(DesiredWorkload workload, uint attempt)
    {
        var (id, spec) = (workload.Id, workload.Pod!.Spec);
        var config = new PodSandboxConfig
        {
            Metadata = new PodSandboxMetadata { Name = id.Name, Namespace = id.Namespace, Uid = id.Uid, Attempt = attempt },
            LogDirectory = logs.OfPod(id),
            DnsConfig = resolver.Of(id.Namespace, spec),
            Linux = new LinuxPodSandboxConfig
            {
                CgroupParent = cgroups.OfPod(id),
                SecurityContext = new LinuxSandboxSecurityContext
                {
                    NamespaceOptions = Namespaces(spec),
                    Seccomp = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
                },
            },
        };
        if (!spec.HostNetwork) config.Hostname = HostnameOf(id, spec);
        config.PortMappings.AddRange(PodContainers.Lasting(spec).SelectMany(container => container.Ports).Where(port => port.HostPort > 0).Select(Mapping));
        CriLabels.AddTo(config.Labels, id);
        config.Annotations[CriLabels.GraceSeconds] = workload.Grace.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        return config;
    }

    public static NamespaceOption Namespaces(PodSpec spec) => new()
    {
        Network = spec.HostNetwork ? NamespaceMode.Node : NamespaceMode.Pod,
        Pid = NamespaceMode.Container,
        Ipc = NamespaceMode.Pod,
    };

    private static string HostnameOf(WorkloadId id, PodSpec spec)
    {
        if (spec.Hostname.Length > 0) return spec.Hostname;
        return id.Name.Length <= MaximumHostnameLength ? id.Name : id.Name[..MaximumHostnameLength].TrimEnd('-', '.');
    }

    private static PortMapping Mapping(ContainerPort port) => new()
    {
        Protocol = port.Protocol switch { "UDP" => Protocol.Udp, "SCTP" => Protocol.Sctp, _ => Protocol.Tcp },
        ContainerPort = port.ContainerPort_,
        HostPort = port.HostPort,
        HostIp = port.HostIp,
    };
}
