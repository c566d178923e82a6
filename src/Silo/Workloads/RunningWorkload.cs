using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Workloads;

/// <summary>A workload that is on a host, for whoever wants to talk to what runs there.</summary>
internal readonly record struct RunningWorkload(StoredObject Object, string Host)
{
    public static (RunningWorkload? Found, ApiError? Error) Find(ObjectCache cache, Kind kind, string ns, string name)
    {
        if (cache.Find(new ObjectKey(kind.Resource, ns, name)) is not { } workload) return (null, ApiError.NotFound(kind, name));
        var state = WorkloadState.Of(workload);
        return state.Bound
            ? (new RunningWorkload(workload, state.Host), null)
            : (null, new ApiError(ErrorReason.BadRequest, $"{kind.Rules.Singular} {name} is on no host yet: orc explain {kind.Rules.Singular}/{name} says why"));
    }

    /// <summary>The container of that name; the first one where none is named.</summary>
    public (Container? Container, ApiError? Error) Container(string wanted)
    {
        var spec = Object.As<Pod>().Spec;
        Container[] all = [.. spec.Containers, .. spec.InitContainers];
        if (wanted.Length == 0) return (all[0], null);
        return all.FirstOrDefault(container => container.Name == wanted) is { } found
            ? (found, null)
            : (null, new ApiError(ErrorReason.BadRequest,
                $"container {wanted} is not valid for pod {Object.Key.Name}; it has {string.Join(", ", all.Select(container => container.Name))}"));
    }
}
