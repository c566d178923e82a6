using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Silo.Rest.Discovery;

/// <summary>A resource as discovery tells of it; a subresource has a name such as <c>pods/log</c>.</summary>
internal sealed record ApiResource(
    string Group, string Version, string Kind, string Name, string Singular, bool Namespaced,
    IReadOnlyList<string> Verbs, IReadOnlyList<string> ShortNames, IReadOnlyList<string> Categories, IReadOnlyList<Subresource> Subresources)
{
    public string GroupVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";
}

/// <summary>All that this door serves: the kinds of the catalog, and the reviews, which are answered but not stored.</summary>
internal static class ApiSurface
{
    private static readonly string[] ObjectVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public static IReadOnlyList<ApiResource> Resources { get; } =
    [
        .. KindCatalog.All.Select(kind => new ApiResource(
            kind.Resource.Group, kind.Rules.Version, kind.Name, kind.Resource.Plural, kind.Rules.Singular, kind.Namespaced,
            ObjectVerbs, kind.Rules.ShortNames, kind.Rules.Categories, Rest.Subresources.Of(kind))),
        new ApiResource("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", "selfsubjectaccessreview", false, ["create"], [], [], []),
    ];

    /// <summary>The named groups with their one version each; the core group is not among them.</summary>
    public static IReadOnlyList<(string Group, string Version)> Groups { get; } =
        [.. Resources.Where(resource => resource.Group.Length > 0).Select(resource => (resource.Group, resource.Version)).Distinct().OrderBy(one => one.Group, StringComparer.Ordinal)];

    public static IEnumerable<ApiResource> Of(string group, string version) =>
        Resources.Where(resource => resource.Group == group && resource.Version == version);
}
