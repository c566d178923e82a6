using Orchestrator.Api.V1;

namespace Orchestrator.Cli.Connection;

/// <summary>The kinds that the server knows, found by any of their names as kubectl takes them.</summary>
internal sealed class KindIndex(IReadOnlyList<KindInfo> kinds)
{
    public IReadOnlyList<KindInfo> All => kinds;

    /// <summary>
    /// One type by its plural, singular, kind, short name or <c>plural[.version].group</c>, in any case; the core group comes first.
    /// </summary>
    /// <exception cref="CommandException">There is none.</exception>
    public KindInfo Resolve(string type) =>
        TryResolve(type) ?? throw new CommandException($"the server doesn't have a resource type \"{type}\"");

    public KindInfo? TryResolve(string type)
    {
        KindInfo? best = null;
        foreach (var kind in kinds)
        {
            if (!Matches(kind, type)) continue;
            if (best is null || kind.Resource.Group.Length == 0) best = kind;
        }
        return best;
    }

    /// <summary>One type, or every type of a category such as <c>all</c>.</summary>
    public IEnumerable<KindInfo> ResolveAll(string type)
    {
        if (TryResolve(type) is { } kind) return [kind];
        var members = kinds.Where(candidate => candidate.Categories.Contains(type)).ToList();
        return members.Count > 0 ? members : [Resolve(type)];
    }

    /// <exception cref="CommandException">The server doesn't know it.</exception>
    public KindInfo Find(string apiVersion, string kind) =>
        kinds.FirstOrDefault(candidate => candidate.Kind == kind && candidate.ApiVersion() == apiVersion)
        ?? throw new CommandException($"no matches for kind \"{kind}\" in version \"{apiVersion}\"");

    private static bool Matches(KindInfo kind, string type)
    {
        if (Same(kind.Resource.Resource, type) || Same(kind.Singular, type) || Same(kind.Kind, type)) return true;
        if (kind.ShortNames.Any(name => Same(name, type))) return true;
        var dot = type.IndexOf('.');
        if (dot < 0) return false;
        var (name, rest) = (type[..dot], type[(dot + 1)..]);
        if (!Same(kind.Resource.Resource, name) && !Same(kind.Singular, name) && !Same(kind.Kind, name)) return false;
        var versioned = kind.Resource.Group.Length == 0 ? kind.Version : $"{kind.Version}.{kind.Resource.Group}";
        return Same(kind.Resource.Group, rest) || Same(versioned, rest);
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The kinds of a server by their names.</summary>
internal static class KindIndexReads
{
    public static async Task<KindIndex> KindsAsync(this ClusterClient server, CancellationToken cancellation) => new(await server.ServedKindsAsync(cancellation));
}
