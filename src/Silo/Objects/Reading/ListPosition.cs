using System.Buffers.Text;
using System.Text;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Reading;

/// <summary>
/// Which version of a list is read, and from where on. All pages of a list are of one version: a token says which, and the present
/// objects are rolled back to it. The rules for <paramref name="ResourceVersion"/> are Kubernetes'.
/// </summary>
/// <param name="Limit">At most so many objects; 0 means all.</param>
/// <param name="Token">The continuation that the page before gave.</param>
/// <param name="ResourceVersion">Empty: the newest there is. Otherwise what <paramref name="Match"/> says.</param>
/// <param name="Match"><c>Exact</c>: as it was at that version; <c>NotOlderThan</c>, and the default: that or newer.</param>
internal readonly record struct ListPosition(int Limit = 0, string Token = "", string ResourceVersion = "", string Match = "")
{
    /// <summary>The objects of one version, and the key after which the page begins.</summary>
    internal readonly record struct Start(KindCache.Snapshot Objects, Revision Revision, (string Namespace, string Name)? After);

    public (Start? Start, ApiError? Error) Find(ObjectCache cache, Kind kind)
    {
        if (cache.Find(kind.Resource) is null) return (null, ApiError.UnknownResource(kind.Resource));
        if (Match.Length > 0 && (ResourceVersion.Length == 0 || Token.Length > 0))
            return Bad("resourceVersionMatch: Forbidden: it needs a resourceVersion and goes with no continue token");
        if (Token.Length > 0) return Continued(cache, kind);
        var version = Revision.None;
        if (ResourceVersion.Length > 0 && !Revision.TryParse(ResourceVersion, out version))
            return Bad($"resourceVersion: Invalid value \"{ResourceVersion}\": not a version of this server");
        if (version > cache.Revision)
            return (null, new ApiError(ErrorReason.Timeout, $"Too large resource version: {version}, current: {cache.Revision}"));
        if (Match == "Exact")
        {
            if (version == Revision.None) return Bad("resourceVersion: Forbidden: Exact needs a version other than 0");
            return cache[kind].At(version) is { } then ? (new Start(then, version, null), null) : Gone($"the version {version} is too old: list anew");
        }

        var (snapshot, revision) = cache.Read(kind);
        return (new Start(snapshot, revision, null), null);
    }

    public static string Continue(Revision revision, ObjectKey last) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{revision}/{last.Namespace}/{last.Name}"));

    private (Start? Start, ApiError? Error) Continued(ObjectCache cache, Kind kind)
    {
        var bytes = new byte[Token.Length];
        if (!Base64Url.IsValid(Token) || !Base64Url.TryDecodeFromChars(Token, bytes, out var length)) return Bad("continue: not a token of this server");
        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split('/');
        if (parts.Length != 3 || !Revision.TryParse(parts[0], out var revision)) return Bad("continue: not a token of this server");
        return revision <= cache.Revision && cache[kind].At(revision) is { } then
            ? (new Start(then, revision, (parts[1], parts[2])), null)
            : Gone("The provided continue parameter is too old to display a consistent list result: list anew");
    }

    private static (Start?, ApiError?) Bad(string message) => (null, new ApiError(ErrorReason.BadRequest, message));

    private static (Start?, ApiError?) Gone(string message) => (null, new ApiError(ErrorReason.Gone, message));
}
