using System.Globalization;
using Orchestrator.NodeAgent.Configuration;
using Orchestrator.NodeAgent.Cri.V1;
using Orchestrator.NodeAgent.Fingerprint;
using Orchestrator.NodeAgent.Logs;
using Orchestrator.NodeAgent.Volumes;
using Container = Orchestrator.Objects.CoreV1.Container;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>Writes one run of a container the way CRI wants it.</summary>
internal sealed class ContainerConfigs(ContainerMounts mounts, HostAddress address)
{
    /// <exception cref="ConfigurationProblemException">Something that its variables or mounts are made of is missing.</exception>
    public ContainerConfig Build(UnitStart start, Container container)
    {
        var config = new ContainerConfig
        {
            Metadata = new ContainerMetadata { Name = container.Name, Attempt = (uint)start.Attempt },
            Image = new ImageSpec { Image = start.Image.Id },
            WorkingDir = container.WorkingDir,
            LogPath = PodLogPaths.RelativePath(container.Name, start.Attempt),
            Stdin = container.Stdin,
            StdinOnce = container.StdinOnce,
            Tty = container.Tty,
            Linux = new LinuxContainerConfig
            {
                Resources = LinuxResources.Of(start.Workload.Pod!.Spec, container),
                SecurityContext = ContainerSecurity.Of(start.Workload.Pod.Spec, container.SecurityContext),
            },
        };
        var variables = ContainerVariables.Of(start.Workload, container, address.Value, start.Snapshot.Addresses);
        config.Envs.AddRange(variables.Select(pair => new KeyValue { Key = pair.Key, Value = pair.Value }));
        config.Mounts.AddRange(mounts.Of(start.Workload, container));
        config.Command.AddRange(container.Command.Select(word => VariableReferences.Expand(word, variables)));
        config.Args.AddRange(container.Args.Select(word => VariableReferences.Expand(word, variables)));
        CriLabels.AddTo(config.Labels, start.Workload.Id);
        config.Labels[CriLabels.ContainerName] = container.Name;
        config.Annotations[CriLabels.Image] = container.Image;
        config.Annotations[CriLabels.BackOffStep] = start.BackOffStep.ToString(CultureInfo.InvariantCulture);
        return config;
    }
}
