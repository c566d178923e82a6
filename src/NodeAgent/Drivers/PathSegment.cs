namespace Orchestrator.NodeAgent.Drivers;

/// <summary>Names as parts of paths. The API lets none through that can't be one; a path built from such a name would leave its folder.</summary>
internal static class PathSegment
{
    public static bool IsOne(string name) => name is not ("" or "." or "..") && !name.AsSpan().ContainsAny('/', '\0');

    public static string Of(string name) => IsOne(name) ? name : throw new ArgumentException($"'{name}' can't be part of a path.", nameof(name));

    /// <summary><c>NAMESPACE_NAME_UID</c>: no part but the last can hold an underscore.</summary>
    public static string Of(WorkloadId id) => Of($"{id.Namespace}_{id.Name}_{id.Uid}");
}
