using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Volumes;

/// <summary>
/// Where the volumes of pods are: <c>DATA/volumes/NAMESPACE_NAME_UID/VOLUME</c>; beside them, in <c>.subpaths</c>, the parts of volumes that
/// containers mount alone. No name of a volume begins with a dot.
/// </summary>
internal sealed class VolumePaths(string data)
{
    private readonly string _root = Path.Join(data, "volumes");

    public string OfPod(WorkloadId id) => Path.Join(_root, PathSegment.Of(id));

    public string Of(WorkloadId id, string volume) => Path.Join(OfPod(id), PathSegment.Of(volume));

    public string OfSubPath(WorkloadId id, string container, int mount) => Path.Join(OfPod(id), ".subpaths", PathSegment.Of(container), $"{mount}");

    /// <summary>The pods that have a folder here, whether anything else of them is left or not.</summary>
    public IEnumerable<WorkloadId> Pods() => Directory.Exists(_root)
        ? Directory.EnumerateDirectories(_root).Select(Path.GetFileName).Select(name => name!.Split('_', 3)).Where(parts => parts.Length == 3)
            .Select(parts => new WorkloadId(WorkloadKind.Pod, parts[0], parts[1], parts[2]))
        : [];
}
