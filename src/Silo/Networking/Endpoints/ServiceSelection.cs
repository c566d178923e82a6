using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Networking.Endpoints;

/// <summary>Whether a service's selector chooses a workload of its namespace. Without a selector it chooses nothing.</summary>
internal static class ServiceSelection
{
    public static bool Chooses(ServiceSpec service, StoredObject workload)
    {
        if (service.Selector.Count == 0) return false;
        var labels = workload.Metadata.Labels;
        foreach (var (key, value) in service.Selector)
            if (!labels.TryGetValue(key, out var own) || own != value) return false;
        return true;
    }
}
