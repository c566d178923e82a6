using System.Net;

namespace Orchestrator.Silo.Objects.Access;

/// <summary>
/// Who a caller is, and what he may do. Both doors ask here before they decode anything.
/// </summary>
internal sealed class AccessRules
{
    /// <summary>
    /// The caller behind a request. Over loopback it is this host's administrator, unless a web page has talked a browser into the
    /// call: then the host that the request names is the page's (DNS rebinding) and not an address or name of loopback.
    /// </summary>
    public static Caller? Authenticate(IPAddress? peer, string host)
    {
        // A unix socket has no address; its file's mode has already decided who may connect.
        if (peer is not null && !IPAddress.IsLoopback(peer)) return null;
        return host.Length == 0 || host == "localhost" || IPAddress.TryParse(host.Trim('[', ']'), out _) ? Caller.Local : null;
    }

    /// <summary>Why the caller may not do it; null if he may.</summary>
    public static ApiError? Refuse(Caller caller, Attempt attempt)
    {
        if (caller.Groups.Contains(Caller.Masters)) return null;
        var resource = attempt.Subresource.Length == 0 ? attempt.Resource : $"{attempt.Resource}/{attempt.Subresource}";
        var place = attempt.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{attempt.Namespace}\"";
        return new ApiError(
            ErrorReason.Forbidden, $"User \"{caller.Name}\" cannot {attempt.Verb} resource \"{resource}\" in API group \"{attempt.Group}\" {place}");
    }
}
