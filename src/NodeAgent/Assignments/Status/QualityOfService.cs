using Orchestrator.Contracts.Values;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Assignments.Status;

/// <summary>Guaranteed: every container has equal requests and limits of cpu and memory. BestEffort: none has any.</summary>
internal static class QualityOfService
{
    public const string Guaranteed = "Guaranteed";
    public const string Burstable = "Burstable";
    public const string BestEffort = "BestEffort";

    private static readonly string[] Counted = ["cpu", "memory"];

    public static string Of(PodSpec spec)
    {
        if (PodContainers.All(spec).All(container => Counted.All(name => Request(container, name).IsZero && Limit(container, name).IsZero))) return BestEffort;
        return PodContainers.All(spec).All(container => Counted.All(name => !Limit(container, name).IsZero && Request(container, name) == Limit(container, name)))
            ? Guaranteed : Burstable;
    }

    private static Quantity Limit(Container container, string name) => ResourceAmounts.Of(container.Resources?.Limits, name);

    private static Quantity Request(Container container, string name) => ResourceAmounts.Requested(container.Resources, name);
}
