using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Scheduler;

/// <summary>
/// What a pod's containers take when they take most. Init containers run one after the other, each beside the sidecars
/// (init containers with <c>restartPolicy: Always</c>) that stand before it; afterwards the containers run beside all sidecars.
/// </summary>
internal static class PodPeak
{
    public static ResourceVector Of(PodSpec spec, Func<Container, ResourceVector> requestsOf)
    {
        ResourceVector beside = default, peak = default;
        foreach (var container in spec.InitContainers)
        {
            var with = beside + requestsOf(container);
            peak = ResourceVector.Larger(peak, with);
            if (IsSidecar(container)) beside = with;
        }

        return ResourceVector.Larger(peak, spec.Containers.Aggregate(beside, (sum, container) => sum + requestsOf(container)));
    }

    /// <summary>The containers that live as long as the pod does.</summary>
    public static IEnumerable<Container> Lasting(PodSpec spec) => spec.InitContainers.Where(IsSidecar).Concat(spec.Containers);

    private static bool IsSidecar(Container container) => container.RestartPolicy == "Always";
}
