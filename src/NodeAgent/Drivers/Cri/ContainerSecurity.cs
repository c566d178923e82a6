using Orchestrator.NodeAgent.Cri.V1;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>A container's security context: the runtime's default seccomp profile, and the usual paths of the kernel out of reach.</summary>
internal static class ContainerSecurity
{
    private static readonly string[] Masked =
    [
        "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
        "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
    ];

    private static readonly string[] ReadOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    public static LinuxContainerSecurityContext Of(PodSpec spec, SecurityContext? wanted)
    {
        var context = new LinuxContainerSecurityContext
        {
            NamespaceOptions = SandboxConfigs.Namespaces(spec),
            Seccomp = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
            ReadonlyRootfs = wanted?.ReadOnlyRootFilesystem ?? false,
            NoNewPrivs = wanted is { HasAllowPrivilegeEscalation: true, AllowPrivilegeEscalation: false },
            Capabilities = new Capability(),
        };
        context.MaskedPaths.AddRange(Masked);
        context.ReadonlyPaths.AddRange(ReadOnly);
        if (wanted is { HasRunAsUser: true }) context.RunAsUser = new Int64Value { Value = wanted.RunAsUser };
        if (wanted is { HasRunAsGroup: true }) context.RunAsGroup = new Int64Value { Value = wanted.RunAsGroup };
        if (wanted?.Capabilities is { } capabilities)
        {
            context.Capabilities.AddCapabilities.AddRange(capabilities.Add);
            context.Capabilities.DropCapabilities.AddRange(capabilities.Drop);
        }

        return context;
    }
}
