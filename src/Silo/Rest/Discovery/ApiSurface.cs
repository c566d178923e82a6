using System.Runtime.CompilerServices;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Silo.Rest.Discovery;

/// <summary>A resource as discovery tells of it; a subresource has a name such as <c>pods/log</c>.</summary>
internal sealed record ApiResource(
    string Group, string Version, string Kind, string Name, string Singular, bool Namespaced,
    IReadOnlyList<string> Verbs, IReadOnlyList<string> ShortNames, IReadOnlyList<string> Categories, IReadOnlyList<Subresource> Subresources)
{
    public string GroupVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";
}

/// <summary>All that this door serves while these are the kinds: them, and the reviews, which are answered but not stored.</summary>
internal sealed class ApiSurface(KindSet kinds)
{
    private static readonly ConditionalWeakTable<KindSet, ApiSurface> Made = [];

    private static readonly string[] ObjectVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public static ApiSurface Of(KindSet kinds) => Made.GetValue(kinds, some => new ApiSurface(some));

    public IReadOnlyList<ApiResource> Resources { get; } =
    [
        .. kinds.All.Select(kind => new ApiResource(
            kind.Resource.Group, kind.Rules.Version, kind.Name, kind.Resource.Plural, kind.Rules.Singular, kind.Namespaced,
            ObjectVerbs, kind.Rules.ShortNames, kind.Rules.Categories, Rest.Subresources.Of(kind))),
        new ApiResource("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", "selfsubjectaccessreview", false, ["create"], [], [], []),
    ];

    /// <summary>The named groups with their versions, the preferred one first; the core group is not among them.</summary>
    public IEnumerable<(string Group, IReadOnlyList<string> Versions)> Groups =>
        Resources.Where(resource => resource.Group.Length > 0).GroupBy(resource => resource.Group).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, (IReadOnlyList<string>)[.. group.Select(resource => resource.Version).Distinct().Order(VersionPriority.Best)]));

    public IEnumerable<ApiResource> Of(string group, string version) =>
        Resources.Where(resource => resource.Group == group && resource.Version == version);
}
