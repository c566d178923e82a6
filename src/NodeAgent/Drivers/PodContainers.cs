using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Drivers;

/// <summary>The containers of a pod: those before, those beside, and those it is there for. Their names are unique among all of them.</summary>
internal static class PodContainers
{
    /// <summary>In the order in which they start.</summary>
    public static IEnumerable<Container> All(PodSpec spec) => spec.InitContainers.Concat(spec.Containers);

    /// <summary>Those that live as long as the pod does.</summary>
    public static IEnumerable<Container> Lasting(PodSpec spec) => spec.InitContainers.Where(IsSidecar).Concat(spec.Containers);

    public static bool IsSidecar(Container container) => container.RestartPolicy == "Always";
}
