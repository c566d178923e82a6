using Orchestrator.Contracts.Values;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>Kubernetes' quality-of-service classes, from a pod's requests and limits for CPU and memory.</summary>
internal static class QualityOfService
{
    private static readonly string[] Counted = ["cpu", "memory"];

    public static string Of(PodSpec spec)
    {
        var guaranteed = true;
        var any = false;
        foreach (var container in spec.InitContainers.Concat(spec.Containers))
        {
            foreach (var name in Counted)
            {
                var limit = container.Resources?.Limits.GetValueOrDefault(name);
                var request = container.Resources?.Requests.GetValueOrDefault(name) ?? limit;
                any |= limit is not null || request is not null;
                guaranteed &= limit is not null && Same(limit, request!);
            }
        }

        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    /// <summary>True if a request is above its limit.</summary>
    public static bool Exceeds(string? request, string limit) =>
        request is not null && Quantity.TryParse(request, out var asked) && Quantity.TryParse(limit, out var allowed) && asked.CompareTo(allowed) > 0;

    private static bool Same(string left, string right) =>
        Quantity.TryParse(left, out var a) && Quantity.TryParse(right, out var b) && a.CompareTo(b) == 0;
}
