using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Logs;

/// <summary>Where logs are: <c>DATA/pods/NAMESPACE_NAME_UID/CONTAINER/ATTEMPT.log</c>.</summary>
internal sealed class PodLogPaths(string data)
{
    public string OfPod(WorkloadId id) => Path.Join(data, "pods", PathSegment.Of(id));

    public string OfContainer(WorkloadId id, string container) => Path.Join(OfPod(id), PathSegment.Of(container));

    public string OfRun(WorkloadId id, string container, int attempt) => Path.Join(OfPod(id), RelativePath(container, attempt));

    public static string RelativePath(string container, int attempt) => $"{PathSegment.Of(container)}/{attempt}.log";
}
