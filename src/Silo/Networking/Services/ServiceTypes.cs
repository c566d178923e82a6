using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Silo.Networking.Services;

/// <summary>What a Service has, by its type.</summary>
internal static class ServiceTypes
{
    public const string Headless = "None";

    public static bool IsExternalName(ServiceSpec spec) => spec.Type == "ExternalName";

    /// <summary>An address of its own, under which every host forwards to its endpoints.</summary>
    public static bool HasAddress(ServiceSpec spec) => !IsExternalName(spec) && spec.ClusterIp != Headless;

    /// <summary>A port on every host.</summary>
    public static bool HasNodePorts(ServiceSpec spec) => spec.Type == "NodePort" || (spec.Type == "LoadBalancer" && spec.AllocateLoadBalancerNodePorts);
}

/// <summary>Where ports on the hosts are from; other programs of a host should listen elsewhere.</summary>
internal static class ServicePortRange
{
    public const int First = 30000;
    public const int Last = 32767;
}
