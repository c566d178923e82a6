using System.Collections.Frozen;

namespace Orchestrator.Contracts.Kinds;

/// <summary>The kinds that are there at one moment: immutable. A resource may have several versions, of which the first is preferred.</summary>
public sealed class KindSet
{
    private readonly FrozenDictionary<(string ApiVersion, string Kind), Kind> _byName;
    private readonly FrozenDictionary<ResourceId, Kind> _preferred;
    private readonly FrozenDictionary<(ResourceId Resource, string Version), Kind> _byVersion;

    /// <param name="kinds">Of one resource the preferred version comes first.</param>
    public KindSet(IEnumerable<Kind> kinds)
    {
        All = [.. kinds.OrderBy(kind => kind.Resource)];
        _byName = All.ToFrozenDictionary(kind => (kind.ApiVersion, kind.Name));
        _byVersion = All.ToFrozenDictionary(kind => (kind.Resource, kind.Rules.Version));
        Resources = [.. All.DistinctBy(kind => kind.Resource)];
        _preferred = Resources.ToFrozenDictionary(kind => kind.Resource);
    }

    /// <summary>Every version of every kind, in the order of their resources.</summary>
    public IReadOnlyList<Kind> All { get; }

    /// <summary>Every kind in its preferred version.</summary>
    public IReadOnlyList<Kind> Resources { get; }

    public Kind? Find(string apiVersion, string kind) => _byName.GetValueOrDefault((apiVersion, kind));

    /// <summary>The kind in its preferred version.</summary>
    public Kind? Find(ResourceId resource) => _preferred.GetValueOrDefault(resource);

    public Kind? Find(ResourceId resource, string version) => _byVersion.GetValueOrDefault((resource, version));

    /// <summary>These and others.</summary>
    public KindSet With(IEnumerable<Kind> others) => new([.. All, .. others]);
}
